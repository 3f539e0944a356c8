/** Why a text is not acceptable JSON, and where. */
export class JsonSyntaxError extends Error {
  constructor(
    readonly kind: "syntax" | "limit",
    message: string,
    /** Character offset into the text, in UTF-16 units. */
    readonly position: number
  ) {
    super(message)
  }
}
