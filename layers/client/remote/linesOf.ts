/**
 * A body as the lines that it is made of, each as soon as it is whole, with its bytes as they came.
 */

const newline = 0x0a

/** The last line may lack its end. Whoever stops early lets go of the body, and so of the connection. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  const reader = body.getReader()
  let begun: Array<Buffer> = []
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const { buffer, byteLength, byteOffset } = read.value
      const bytes = Buffer.from(buffer, byteOffset, byteLength)
      let start = 0
      for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
        const rest = bytes.subarray(start, end)
        yield begun.length === 0 ? rest : Buffer.concat([...begun, rest])
        begun = []
        start = end + 1
      }
      if (start < bytes.length) begun.push(bytes.subarray(start))
    }
    if (begun.length > 0) yield Buffer.concat(begun)
  } finally {
    // What it was cancelled for was said already, or nobody wants to know.
    reader.cancel().catch(() => {})
  }
}
