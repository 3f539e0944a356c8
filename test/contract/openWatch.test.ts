// How `/proc` and `stat` write the number of one device. The kernel's own macros are the reference; machines with many mounts
// have minor numbers beyond 255, from where on the two differ.
import { assert, describe, it } from "vitest"
import * as FileSystem from "node:fs"
import { kernelDevice } from "../../layers/openWatch.js"

/** `gnu_dev_makedev` of glibc, for 12 bits of major and 20 of minor. */
const statDevice = (major: number, minor: number): number =>
  ((minor & 0xff) | (major << 8) | ((minor & 0xfff00) << 12)) >>> 0

describe("a device number", () => {
  it("of stat is that of the kernel, for small and large minor numbers", () => {
    for (const [major, minor] of [
      [0, 26],
      [8, 1],
      [0, 255],
      [0, 256],
      [0, 0x134],
      [253, 4097],
      [0xfff, 0xfffff]
    ] as const) {
      assert.strictEqual(kernelDevice(statDevice(major, minor)), major * 2 ** 20 + minor, `${major}:${minor}`)
    }
  })

  it("is the one under which the system lists its mounts", () => {
    const mounts = "/proc/self/mountinfo"
    if (!FileSystem.existsSync(mounts)) return
    const [, , numbers, , place] = FileSystem.readFileSync(mounts, "utf8")
      .split("\n")
      .find((line) => line.split(" ")[4] === "/dev/shm" || line.split(" ")[4] === "/proc")!
      .split(" ")
    const [major, minor] = numbers!.split(":").map(Number)
    assert.strictEqual(kernelDevice(FileSystem.statSync(place!).dev), major! * 2 ** 20 + minor!)
  })
})
