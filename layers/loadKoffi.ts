/**
 * Loads koffi. Its own loader finds out about the machine, patches deprecated functions and reads some twenty files, which
 * takes longer than everything that a short program does with it. Where the prebuilt binary that this loader would take
 * is known, the binary is loaded by itself; in every other case, and for every other version, koffi loads as it wants.
 */
import type * as Koffi from "koffi"
import * as FileSystem from "node:fs"
import * as Path from "node:path"
import { requireLater } from "./lazyModules.js"

/** Whose loader and binaries are known: what the binary alone offers is what `native.ts` uses. */
const knownVersion = /^3\.3\.\d+$/

export const loadKoffi = (): typeof Koffi => prebuilt() ?? (requireLater("koffi") as typeof Koffi)

/**
 * The binary that belongs to the koffi that Node would find from here; `undefined` where anything is not as expected. The
 * directories are searched without Node's resolver, which would load its support for export maps to find one file.
 */
const prebuilt = (): typeof Koffi | undefined => {
  try {
    const directory = requireLater.resolve
      .paths("koffi")
      ?.find((path) => FileSystem.existsSync(Path.join(path, "koffi")))
    const binary = directory === undefined ? undefined : binaryBelow(directory)
    if (directory === undefined || binary === undefined) return undefined
    const { version } = JSON.parse(FileSystem.readFileSync(Path.join(directory, "koffi", "package.json"), "utf8")) as {
      readonly version: string
    }
    if (!knownVersion.test(version)) return undefined
    const koffi = requireLater(binary) as typeof Koffi
    return koffi.version === version ? koffi : undefined
  } catch {
    return undefined
  }
}

/** Only for the systems whose one C library is beyond doubt: Linux on x64 and ARM with glibc, and macOS. */
const binaryBelow = (directory: string): string | undefined => {
  const { arch, platform } = process
  if (arch !== "x64" && arch !== "arm64") return undefined
  if (platform === "linux" && !usesGlibc()) return undefined
  if (platform !== "linux" && platform !== "darwin") return undefined
  return Path.join(directory, "@koromix", `koffi-${platform}-${arch}`, `${platform}_${arch}`, "koffi.node")
}

/** What starts a program is part of its C library: the path is among the first bytes of the executable. */
const usesGlibc = (): boolean => {
  const descriptor = FileSystem.openSync("/proc/self/exe", "r")
  try {
    const start = Buffer.alloc(4096)
    FileSystem.readSync(descriptor, start, 0, start.length, 0)
    return start.includes("/ld-linux-")
  } finally {
    FileSystem.closeSync(descriptor)
  }
}
