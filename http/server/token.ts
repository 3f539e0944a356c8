/**
 * The bearer token. The comparison takes the same time for every wrong token: digests are compared, whole.
 */
import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"

export type TokenVerdict = "accepted" | "missing" | "wrong"

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

export type TokenCheck = (request: IncomingMessage) => TokenVerdict

export const makeTokenCheck = (token: string): TokenCheck => {
  const expected = digest(token)
  return (request) => {
    const header = onlyAuthorization(request)
    if (header === undefined) return "missing"
    const match = /^bearer +([\x21-\x7e]+) *$/i.exec(header)
    return match !== null && timingSafeEqual(digest(match[1]!), expected) ? "accepted" : "wrong"
  }
}

/** Node keeps the first of several headers; two tokens are no token. */
const onlyAuthorization = ({ headers, rawHeaders }: IncomingMessage): string | undefined => {
  const header = headers.authorization
  if (header === undefined) return undefined
  let found = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    if (name.length === 13 && name.toLowerCase() === "authorization") found++
  }
  return found === 1 ? header : ""
}
