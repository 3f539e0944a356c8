// Pseudo-terminals from the C library, one per stream, so that a child sees a terminal on exactly the streams a test
// chooses. The child's end must be closed here once the child runs: only then does the child's exit end the output.
import * as fs from "node:fs"
import * as tty from "node:tty"
import koffi from "koffi"

const isMac = process.platform === "darwin"
const libc = koffi.load(isMac ? "libSystem.B.dylib" : "libc.so.6")
const grantpt = libc.func("int grantpt(int master)")
const unlockpt = libc.func("int unlockpt(int master)")
const ptsname = libc.func("const char *ptsname(int master)")
const ioctl = libc.func("int ioctl(int descriptor, unsigned long request, ...)")

const SET_WINDOW_SIZE = isMac ? 0x8008_7467 : 0x5414
const ROWS = 24
const COLUMNS = 120

export interface Terminal {
  /** The descriptor to hand to a child. */
  readonly childEnd: number
  /** What was written to the terminal so far, with the line ends that the writer wrote. */
  readonly text: () => string
  /** Types on the keyboard. */
  readonly type: (text: string) => void
  /** To be called as soon as the child has its own copy. */
  readonly closeChildEnd: () => void
  /** Settles when nobody holds the child's end any more and all output was read. */
  readonly ended: Promise<void>
  readonly close: () => void
}

export const open = (): Terminal => {
  const master = fs.openSync("/dev/ptmx", fs.constants.O_RDWR | fs.constants.O_NOCTTY)
  if (grantpt(master) !== 0 || unlockpt(master) !== 0) throw new Error("no pseudo-terminal to be had")
  // A terminal without a size is one that no person ever sat at.
  ioctl(master, SET_WINDOW_SIZE, "void *", Buffer.from(new Uint16Array([ROWS, COLUMNS, 0, 0]).buffer))
  const childEnd = fs.openSync(ptsname(master) as string, fs.constants.O_RDWR | fs.constants.O_NOCTTY)

  const chunks: Array<Buffer> = []
  const reader = new tty.ReadStream(master)
  const ended = new Promise<void>((resolve) => {
    // The last close of the child's end shows as EIO here: that is how a terminal says "end".
    reader.on("error", () => resolve())
    reader.on("close", () => resolve())
  })
  reader.on("data", (chunk: Buffer) => chunks.push(chunk))

  let childEndIsOpen = true
  return {
    childEnd,
    text: () => Buffer.concat(chunks).toString("utf8").replaceAll("\r\n", "\n"),
    type: (text) => void fs.writeSync(master, text),
    closeChildEnd: () => {
      if (childEndIsOpen) fs.closeSync(childEnd)
      childEndIsOpen = false
    },
    ended,
    close: () => void reader.destroy()
  }
}
