// Two hosts of this machine: network namespaces with an address each and a cable between them. Each is held by a process of
// the test and is gone with it. Making them takes root and iproute2; where that is missing the tests are left out, unless
// somebody counts on them.
import { spawnSync } from "node:child_process"
import { assert, describe, it } from "vitest"
import { finish, type Launch, type Running, startCommand, startShell } from "./harness.js"
import { succeeded } from "./answers.js"

/** Why there can be no namespaces here, in the words of what refused. */
const obstacle = ((): string | undefined => {
  if (process.platform !== "linux") return "only Linux has them"
  const cable = ["ip", "link", "add", "probe0", "type", "veth", "peer", "name", "probe1"]
  const { error, status, stderr } = spawnSync("unshare", ["--net", ...cable], { encoding: "utf8" })
  return status === 0 ? undefined : (error?.message ?? stderr.trim().split("\n")[0] ?? "unshare failed")
})()

const isRequired = (process.env["PLASMITE_REQUIRE_NAMESPACES"] ?? "") !== ""

/** Like `describe`, for tests that need two hosts: left out, with the reason in their name, where they cannot be made. */
export const describeBetweenHosts = (name: string, tests: () => void): void => {
  if (obstacle === undefined) describe(name, tests)
  else if (isRequired) it(`${name}: needs network namespaces`, () => assert.fail(obstacle))
  else describe.skip(`${name} (no network namespaces: ${obstacle})`, tests)
}

export interface Host {
  readonly address: string
  /** A line of bash there, in which `plasmite` and `pls` are the programs. */
  readonly start: (line: string, launch?: Launch) => Running
}

const namespaceOf = async (launch: Launch): Promise<number> => {
  const holder = startCommand(["unshare", "--net", "sh", "-c", "echo held; exec sleep 600"], launch)
  await holder.waitForLines(1)
  return holder.pid
}

/** Nothing but the two is on their network; they share the files of this machine. */
export const makeHosts = async (launch: Launch): Promise<{ readonly server: Host; readonly client: Host }> => {
  const [server, client] = await Promise.all([namespaceOf(launch), namespaceOf(launch)])
  const within = (pid: number, line: string): string => `nsenter --net=/proc/${pid}/ns/net ${line}`
  const lines = [
    within(server, `ip link add wire0 type veth peer name wire1 netns ${client}`),
    within(server, "ip addr add 10.97.0.1/24 dev wire0"),
    within(client, "ip addr add 10.97.0.2/24 dev wire1"),
    ...[server, client].map((pid) => within(pid, "ip link set lo up")),
    within(server, "ip link set wire0 up"),
    within(client, "ip link set wire1 up")
  ]
  succeeded(await finish(startShell(`set -e\n${lines.join("\n")}`, launch)))
  const programs = 'plasmite() { $PLASMITE "$@"; }; pls() { $PLS "$@"; }'
  const host = (pid: number, address: string): Host => ({
    address,
    start: (line, own = {}) =>
      startShell(`exec nsenter --net=/proc/${pid}/ns/net bash -c "$LINE"`, {
        ...launch,
        ...own,
        env: { ...launch.env, ...own.env, LINE: `${programs}\n${line}` }
      })
  })
  return { server: host(server, "10.97.0.1"), client: host(client, "10.97.0.2") }
}
