/**
 * One HTML document that needs nothing but itself, as browsers should get it: with a policy that permits the scripts and
 * styles that are in it, by their hashes, and this server as the only other side; compressed where that is understood; and
 * not at all where the browser has it already.
 */
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"
import * as MediaTypes from "../api/mediaTypes.js"
import type { Exchange } from "../server/Exchange.js"
import { headerList } from "../server/headerList.js"

type Coding = "br" | "gzip" | "identity"

const compress: Readonly<Record<Coding, (text: string) => Promise<Uint8Array>>> = {
  br: (text) => promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (text) => promisify(gzip)(text, { level: 9 }),
  identity: (text) => Promise.resolve(Buffer.from(text))
}

export class WebDocument {
  private readonly bodies = new Map<Coding, Promise<Uint8Array>>()
  private readonly headers: ReadonlyArray<string>
  /** Of the text. Each coding of it is another entity. */
  private readonly hash: string

  constructor(private readonly text: string) {
    this.hash = sha256(text).slice(0, 24).replaceAll("+", "-").replaceAll("/", "_")
    this.headers = headerList({
      vary: "accept-encoding",
      "content-security-policy": policyOf(text),
      "cross-origin-opener-policy": "same-origin",
      "x-frame-options": "DENY"
    })
  }

  answer(exchange: Exchange): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { headers } = exchange.request
      const coding = codingFor(headers["accept-encoding"])
      const tag = `"${this.hash}${coding === "identity" ? "" : `-${coding}`}"`
      const ours = ["etag", tag, ...this.headers]
      if (isKnown(headers["if-none-match"], tag)) {
        // A client that holds the document is to ask again before it shows it.
        exchange.begin(304, ours, "no-cache")
        exchange.finish("")
        return Effect.void
      }
      return Effect.map(
        Effect.promise(() => this.bodyIn(coding)),
        (body) => {
          exchange.responseBytes = body.length
          const encoded = coding === "identity" ? [] : ["content-encoding", coding]
          const about = ["content-type", MediaTypes.html, "content-length", String(body.length)]
          exchange.begin(200, [...about, ...encoded, ...ours], "no-cache")
          exchange.finish(body)
        }
      )
    })
  }

  private bodyIn(coding: Coding): Promise<Uint8Array> {
    const known = this.bodies.get(coding)
    if (known !== undefined) return known
    const body = compress[coding](this.text)
    this.bodies.set(coding, body)
    return body
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64")

/** Only what stands in the document runs, and it speaks to this server only. */
const policyOf = (text: string): string => {
  const hashesOf = (element: "script" | "style"): string => {
    const hashes = [...text.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, "g"))].map(
      ([, content]) => `'sha256-${sha256(content!)}'`
    )
    return hashes.length === 0 ? "'none'" : hashes.join(" ")
  }
  return [
    "default-src 'none'",
    `script-src ${hashesOf("script")}`,
    `style-src ${hashesOf("style")}`,
    "img-src data:",
    "font-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; ")
}

/** The best coding that the header accepts. What it does not name, or gives no weight, is not sent. */
const codingFor = (header: string | Array<string> | undefined): Coding => {
  const accepted = new Set<string>()
  for (const part of String(header ?? "")
    .toLowerCase()
    .split(",")) {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim())
    if (!parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) accepted.add(name)
  }
  if (accepted.has("br")) return "br"
  return accepted.has("gzip") ? "gzip" : "identity"
}

const isKnown = (header: string | undefined, tag: string): boolean =>
  header !== undefined &&
  header.split(",").some((known) => {
    const trimmed = known.trim()
    return trimmed === "*" || trimmed === tag || trimmed === `W/${tag}`
  })
