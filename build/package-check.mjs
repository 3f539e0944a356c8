// Installs the packed package as a stranger would, in an empty project from the registry, with the oldest compiler and the oldest
// Effect that we promise and with the newest, and runs programs and commands under every version of Node. On request only:
// it downloads some hundred megabytes, and keeps none of them.
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const room = mkdtempSync(`${tmpdir()}/plasmite-package-check-`)
const nodes = [20, 22, 24]
const compilers = ["5.7", "5.9"]
// With the platform that goes with each.
const effects = { "3.22.0": "0.97.0", 3: "^0.97.0" }

const run = (program, args, cwd) => {
  const { status, stderr, stdout } = spawnSync(program, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PLASMITE_DIR: `${cwd}/pools` },
    encoding: "utf8"
  })
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}

const install = (directory, packages) => {
  mkdirSync(directory, { recursive: true })
  writeFileSync(`${directory}/package.json`, '{ "type": "module" }\n')
  run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages], directory)
}

try {
  const [{ filename }] = JSON.parse(
    run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", room], root)
  )
  const platform = `node-${process.platform}-${process.arch}`
  install(
    `${room}/tools`,
    nodes
      .map((version) => `node${version}@npm:${platform}@${version}`)
      .concat(compilers.map((version) => `typescript${version}@npm:typescript@${version}`))
  )
  for (const [effect, effectPlatform] of Object.entries(effects)) {
    const project = `${room}/effect-${effect}`
    install(project, [
      `${room}/${filename}`,
      `effect@${effect}`,
      `@effect/platform@${effectPlatform}`,
      "@types/node@20"
    ])
    cpSync(`${root}test/package/consumer`, project, { recursive: true })
    for (const compiler of compilers) {
      for (const [resolution, module] of Object.entries({
        node16: "node16",
        nodenext: "nodenext",
        bundler: "esnext"
      })) {
        const options = ["--module", module, "--moduleResolution", resolution, "--outDir", "out"]
        run("node", [`${room}/tools/node_modules/typescript${compiler}/bin/tsc`, "-p", ".", ...options], project)
      }
      console.log(`effect ${effect}: compiles with TypeScript ${compiler}`)
    }
    const programs = readdirSync(`${project}/out`).filter((file) => file.endsWith(".js"))
    for (const version of nodes) {
      const node = `${room}/tools/node_modules/node${version}/bin/node`
      for (const program of programs) run(node, [`out/${program}`], project)
      run(node, ["node_modules/.bin/pls", "poke", `node${version}`, "--create", '{"n":1}'], project)
      for (const command of ["pls", "plasmite"]) run(node, [`node_modules/.bin/${command}`, "doctor", "--all"], project)
      // CommonJS takes ES modules since Node 22.12.
      if (version >= 22) run(node, ["-e", 'new (require("effect-plasmite/node").Client)("cjs").close()'], project)
      console.log(
        `effect ${effect}: ${programs.join(", ")} and the commands run under ${run(node, ["--version"], project).trim()}`
      )
    }
  }
} finally {
  rmSync(room, { recursive: true, force: true })
}
