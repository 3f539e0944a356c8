/**
 * Hears when any process opens a file. `fs.watch` does not ask for that, so the system is asked to tell it, too, on the
 * same watch: Node passes on whatever its watch reports. Only on Linux; elsewhere, and whenever anything about it is not as
 * expected, there is no such watch.
 */
import * as FileSystem from "node:fs"
import { nativeIfAny } from "./native.js"

/** A watcher that calls at every opening, which keeps no process alive; `undefined` where there can be none. */
export const watchOpens = (path: string, opened: () => void): FileSystem.FSWatcher | undefined => {
  const native = nativeIfAny()
  if (native?.addOpenEvents === undefined) return undefined
  try {
    const watcher = FileSystem.watch(path, { persistent: false }, opened)
    watcher.on("error", () => watcher.close())
    const instances = instancesThatWatch(path)
    for (const descriptor of instances) native.addOpenEvents(descriptor, path)
    if (instances.length > 0) return watcher
    watcher.close()
  } catch {
    // No file, no watches left, no /proc: then there is nothing to hear.
  }
  return undefined
}

/** Descriptors of this process whose watches include the file: one of them is what `fs.watch` reads. */
const instancesThatWatch = (path: string): ReadonlyArray<number> => {
  const { dev, ino } = FileSystem.statSync(path)
  const entry = ` ino:${ino.toString(16)} sdev:${kernelDevice(dev).toString(16)} `
  return FileSystem.readdirSync("/proc/self/fd")
    .filter((descriptor) => isInotify(descriptor) && watchesOf(descriptor).includes(entry))
    .map(Number)
}

/**
 * `stat` puts the upper bits of a minor number behind the major one (`gnu_dev_makedev`, glibc's sys/sysmacros.h); the kernel
 * itself, and so `/proc`, has 20 bits of minor and then the major (`MKDEV`, its kdev_t.h). They differ from minor 256 on,
 * which a machine with many mounts soon has.
 */
export const kernelDevice = (dev: number): number => {
  const major = (dev >>> 8) & 0xfff
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00)
  return major * 0x10_0000 + minor
}

const isInotify = (descriptor: string): boolean => {
  try {
    return FileSystem.readlinkSync(`/proc/self/fd/${descriptor}`) === "anon_inode:inotify"
  } catch {
    // It was the one by which the directory was read.
    return false
  }
}

const watchesOf = (descriptor: string): string => FileSystem.readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8")
