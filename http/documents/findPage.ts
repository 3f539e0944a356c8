/**
 * Where the page is. It is built, not written: beside the compiled server, beside a program that contains the server, or, for
 * a server that runs from its sources, in the directory that the build makes.
 */
import { readFileSync } from "node:fs"
import { PoolError } from "../../src/PoolError.js"
import { Refusal } from "../server/wireError.js"

const places = ["./page.html", "../page.html", "../../dist/http/page.html"]

/** The text of the document. Throws a refusal where it was not built. */
export const findPage = (): string => {
  for (const place of places) {
    try {
      return readFileSync(new URL(place, import.meta.url), "utf8")
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
    }
  }
  throw new Refusal(
    new PoolError({
      reason: "NotFound",
      message: "this server has no page: it was not built with one",
      hint: "Run `npm run build`, or use the installed package. Everything else works without it."
    })
  )
}
