/**
 * A command for each operation that works as it stands against a server on this machine with a pool named `chat`.
 */
import type { DescribedOperation } from "./docsText.js"

/** Bodies that do something sensible; what takes bytes is given a file. */
const bodies: Readonly<Record<string, string>> = {
  "pools.create": `'{"pool":"chat"}'`,
  "pools.open": `'{"pool":"chat"}'`,
  "cursors.commitCursor": `'{"generation":0,"seq":1}'`,
  "messages.append": `'{"data":{"text":"hello"},"tags":["greeting"]}'`
}

/** What shows the parameters that matter most. */
const queries: Readonly<Record<string, string>> = {
  "messages.history": "?before_seq=1000&limit=10",
  "tails.tail": "?last=10&follow=false",
  "tails.tailFrames": "?since_seq=1&follow=false",
  "tails.events": "?last=10&follow=false",
  "page.stats": "?timeout_ms=2000",
  "page.histogram": "?buckets=24"
}

/** A longer command takes a line for each of its options. */
const lineCharacters = 90

export const curlExample = ({ method, operation, path }: DescribedOperation): string => {
  const id = operation.operationId
  const target =
    path.replace("{pool}", "chat").replace("{seq}", "1").replace("{cursor}", "billing") + (queries[id] ?? "")
  const streams = Object.values(operation.responses).some(({ content = {} }) =>
    Object.keys(content).some((type) => type === "text/event-stream" || type === "application/jsonl")
  )
  const words = ["curl", ...(streams ? ["-N"] : [])]
  if (method === "delete" || method === "put") words.push(`-X ${method.toUpperCase()}`)
  if (operation.security.length > 0) words.push(`-H "authorization: Bearer $PLASMITE_TOKEN"`)
  const [mediaType] = Object.keys(operation.requestBody?.content ?? {})
  if (mediaType !== undefined) {
    words.push(`-H "content-type: ${mediaType}"`)
    words.push(id in bodies ? `-d ${bodies[id]}` : "--data-binary @payload")
  }
  words.push(`"http://127.0.0.1:9700${target}"`)
  const line = words.join(" ")
  return line.length <= lineCharacters ? line : words.join(" \\\n  ").replace("curl \\\n  ", "curl ")
}
