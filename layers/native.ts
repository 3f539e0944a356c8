/**
 * The calls of the C library that Node does not offer: advisory locks, shared maps, semaphores. The only file that
 * knows koffi. It is loaded on first use, so that a program which never locks or maps does not pay for it, and a
 * platform without it loses only the layers that need it. Nothing here throws for a refusal of the system: callers
 * get the errno and name the pool themselves.
 */
import type * as Koffi from "koffi"
import * as FileSystem from "node:fs"
import * as Os from "node:os"
import { PoolError } from "../src/PoolError.js"
import { loadKoffi } from "./loadKoffi.js"

/** Operations of `flock`, the same numbers on every system. */
export const flockOperation = { shared: 1 | 4, exclusive: 2 | 4, unlock: 8 } as const

const isDarwin = Os.platform() === "darwin"
const readAndWrite = 1 | 2
const mapShared = 1
const mapPrivate = 2
const mapFixed = 0x10
const mapAnonymous = isDarwin ? 0x1000 : 0x20
const mapNoReserve = isDarwin ? 0x40 : 0x4000
const synchronously = isDarwin ? 0x10 : 4

const inotifyOpen = 0x20
const inotifyAddToMask = 0x2000_0000

/** A file that is part of memory until closed. */
export interface FileMap {
  readonly bytes: ArrayBuffer
  /**
   * Writes the first `length` bytes to the file itself, by one of its descriptors, in one system call. How many were
   * written, or the errno as a negative number.
   */
  readonly write: (fileDescriptor: number, bytes: Uint8Array, length: number, offset: number) => number
  /** Returns when the pages of the range are on disk: 0, or the errno. */
  readonly sync: (offset: number, length: number) => number
  /** The file is let go. The bytes read as zero from now on, for whoever still holds them. */
  readonly close: () => void
}

/** A named semaphore of the system. */
export interface NamedSemaphore {
  /** `undefined` where the system does not tell. */
  readonly value: () => number | undefined
  readonly post: () => void
  readonly close: () => void
}

export interface Native {
  /** True when the other end of a pipe or socket that we write to is closed. */
  readonly isReaderGone: (fileDescriptor: number) => boolean
  /** 0, or the errno: `wouldBlock` when somebody else has the lock, `interrupted` when a signal came. */
  readonly flock: (fileDescriptor: number, operation: number) => number
  /** Lets another process that is ready to run have the processor; returns at once when there is none. */
  readonly yieldProcessor: () => void
  readonly wouldBlock: number
  readonly interrupted: number
  /** Maps a file that is open for reading and writing; the errno when the system will not. */
  readonly map: (fileDescriptor: number, byteLength: number) => FileMap | number
  /** Gives every part of the file its disk blocks, keeping what is in it and growing it to the length: 0, or the errno. */
  readonly allocate: (fileDescriptor: number, byteLength: number) => number
  /** Opens, with `create` making it with value 0 if need be; `undefined` when there is none or the system will not. */
  readonly openSemaphore: (name: string, options?: { readonly create?: boolean }) => NamedSemaphore | undefined
  /** Has an inotify instance that watches this file report, besides what it does, each opening. Only on Linux. */
  readonly addOpenEvents: ((inotifyDescriptor: number, path: string) => void) | undefined
  /** Reports whether there was one to remove. */
  readonly unlinkSemaphore: (name: string) => boolean
}

type Pointer = bigint
const noPointer: Pointer = 0n

const declareCalls = (koffi: typeof Koffi): Native => {
  const library = koffi.load(null)
  // MAP_FAILED and, on some systems, SEM_FAILED: all bits set.
  const failedPointer: Pointer = 2n ** BigInt(8 * koffi.sizeof("void *")) - 1n

  const flock: (fileDescriptor: number, operation: number) => number = library.func("int flock(int, int)")
  const schedYield: () => number = library.func("int sched_yield()")
  const mmap: (
    address: Pointer | null,
    length: number,
    protection: number,
    flags: number,
    fileDescriptor: number,
    offset: number
  ) => Pointer = library.func("void *mmap(void *, size_t, int, int, int, int64_t)")
  const munmap: (address: Pointer, length: number) => number = library.func("int munmap(void *, size_t)")
  const msync: (address: Pointer, length: number, flags: number) => number = library.func(
    "int msync(void *, size_t, int)"
  )
  const pwrite: (fileDescriptor: number, bytes: Uint8Array, length: number, offset: number) => number = library.func(
    "intptr_t pwrite(int, const void *, size_t, int64_t)"
  )
  const poll: (descriptors: Int32Array, count: number, timeoutMillis: number) => number = library.func(
    "int poll(void *, unsigned long, int)"
  )
  const pageSize: () => number = library.func("int getpagesize()")
  const fallocate: (fileDescriptor: number, mode: number, offset: number, length: number) => number = isDarwin
    ? () => -1
    : library.func("int fallocate(int, int, int64_t, int64_t)")
  const fcntl: (fileDescriptor: number, command: number, type: "void *", argument: Uint8Array) => number =
    library.func("int fcntl(int, int, ...)")
  const semOpen: (
    name: string,
    flags: number,
    modeType: "uint",
    mode: number,
    valueType: "uint",
    value: number
  ) => Pointer | null = library.func("void *sem_open(const char *, int, ...)")
  const semPost: (semaphore: Pointer) => number = library.func("int sem_post(void *)")
  const semGetValue: (semaphore: Pointer, value: Int32Array) => number = library.func(
    "int sem_getvalue(void *, void *)"
  )
  const semClose: (semaphore: Pointer) => number = library.func("int sem_close(void *)")
  const semUnlink: (name: string) => number = library.func("int sem_unlink(const char *)")

  const inotifyAddWatch: ((descriptor: number, path: string, mask: number) => number) | undefined =
    Os.platform() === "linux" ? library.func("int inotify_add_watch(int, const char *, uint32_t)") : undefined

  const errnoOf = (result: number): number => (result === -1 ? koffi.errno() : 0)
  const pageMask = pageSize() - 1

  // A view cannot be taken away from those who hold it, and touching memory that is no longer mapped kills the
  // process. So closing puts empty memory in the file's place, and the addresses are given back only when the
  // collector has seen the last view die.
  const abandonedRanges = new FinalizationRegistry<{ readonly address: Pointer; readonly length: number }>((range) => {
    munmap(range.address, range.length)
  })

  const write = (fileDescriptor: number, bytes: Uint8Array, length: number, offset: number): number => {
    for (;;) {
      const written = pwrite(fileDescriptor, bytes, length, offset)
      if (written !== -1) return written
      const errno = koffi.errno()
      if (errno !== Os.constants.errno.EINTR) return -errno
    }
  }

  // Some programs that embed Node forbid buffers whose memory is not their own.
  const viewIfAllowed = (address: Pointer, byteLength: number): ArrayBuffer | undefined => {
    try {
      return koffi.view(address, byteLength)
    } catch {
      munmap(address, byteLength)
      return undefined
    }
  }

  const map = (fileDescriptor: number, byteLength: number): FileMap | number => {
    const address = mmap(null, byteLength, readAndWrite, mapShared, fileDescriptor, 0)
    if (address === failedPointer) return koffi.errno()
    const bytes = viewIfAllowed(address, byteLength)
    if (bytes === undefined) return Os.constants.errno.ENOTSUP
    return {
      bytes,
      write,
      sync: (offset, length) => {
        const start = offset - (offset & pageMask)
        return errnoOf(msync(address + BigInt(start), offset - start + length, synchronously))
      },
      close: () => {
        const flags = mapPrivate | mapAnonymous | mapFixed | mapNoReserve
        mmap(address, byteLength, readAndWrite, flags, -1, 0)
        abandonedRanges.register(bytes, { address, length: byteLength })
      }
    }
  }

  const allocateOnLinux = (fileDescriptor: number, byteLength: number): number => {
    for (;;) {
      const errno = errnoOf(fallocate(fileDescriptor, 0, 0, byteLength))
      if (errno !== Os.constants.errno.EINTR) return errno
    }
  }

  // `fstore_t`: allocate all of the length, counted from the end of the file, which is then made that long.
  const allocateOnDarwin = (fileDescriptor: number, byteLength: number): number => {
    const request = new DataView(new ArrayBuffer(32))
    const [preallocate, allocateAll, fromEndOfFile] = [42, 4, 3]
    const missingBytes = byteLength - FileSystem.fstatSync(fileDescriptor).size
    if (missingBytes <= 0) return 0
    request.setUint32(0, allocateAll, true)
    request.setInt32(4, fromEndOfFile, true)
    request.setBigInt64(16, BigInt(missingBytes), true)
    const errno = errnoOf(fcntl(fileDescriptor, preallocate, "void *", new Uint8Array(request.buffer)))
    if (errno === 0) FileSystem.ftruncateSync(fileDescriptor, byteLength)
    return errno
  }

  const pollError = 8
  const pollHangUp = 16
  // One `struct pollfd`: the descriptor, then two halves, what is asked for and what is so.
  const polled = new Int32Array(2)
  const isReaderGone = (fileDescriptor: number): boolean => {
    polled[0] = fileDescriptor
    polled[1] = 0
    return poll(polled, 1, 0) === 1 && ((polled[1]! >> 16) & (pollError | pollHangUp)) !== 0
  }

  const openSemaphore: Native["openSemaphore"] = (name, { create = false } = {}) => {
    const semaphore = semOpen(name, create ? FileSystem.constants.O_CREAT : 0, "uint", 0o600, "uint", 0)
    if (semaphore === null || semaphore === noPointer || semaphore === failedPointer) return undefined
    const value = new Int32Array(1)
    return {
      value: () => (semGetValue(semaphore, value) === 0 ? value[0]! : undefined),
      post: () => void semPost(semaphore),
      close: () => void semClose(semaphore)
    }
  }

  return {
    isReaderGone,
    flock: (fileDescriptor, operation) => errnoOf(flock(fileDescriptor, operation)),
    yieldProcessor: () => {
      schedYield()
    },
    wouldBlock: Os.constants.errno.EWOULDBLOCK,
    interrupted: Os.constants.errno.EINTR,
    map,
    allocate: isDarwin ? allocateOnDarwin : allocateOnLinux,
    openSemaphore,
    addOpenEvents:
      inotifyAddWatch && ((descriptor, path) => void inotifyAddWatch(descriptor, path, inotifyOpen | inotifyAddToMask)),
    unlinkSemaphore: (name) => semUnlink(name) === 0
  }
}

let loaded: { readonly native: Native } | { readonly failure: string } | undefined

const load = (): { readonly native: Native } | { readonly failure: string } => {
  if (loaded === undefined) {
    try {
      loaded = { native: declareCalls(loadKoffi()) }
    } catch (exception) {
      loaded = { failure: exception instanceof Error ? exception.message : String(exception) }
    }
  }
  return loaded
}

/** The native calls, or `undefined` on a platform without them. */
export const nativeIfAny = (): Native | undefined => {
  const result = load()
  return "native" in result ? result.native : undefined
}

/** The native calls, where nothing can stand in for them. `purpose` completes "cannot …". */
export const nativeOrThrow = (purpose: string, path: string): Native => {
  const result = load()
  if ("native" in result) return result.native
  throw new PoolError({
    reason: "Internal",
    message: `cannot ${purpose} ${path}: the native calls (koffi) did not load on this platform`,
    hint: "Install again without omitting optional dependencies, on Linux or macOS.",
    path,
    causes: [result.failure]
  })
}
