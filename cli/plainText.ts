/**
 * The framework's documents as plain text, without its printer: pages and messages here are never styled.
 */
import type * as HelpDoc from "@effect/cli/HelpDoc"
import type * as Span from "@effect/cli/HelpDoc/Span"

export const spanText = (span: Span.Span): string => {
  switch (span._tag) {
    case "Text":
    case "URI":
      return span.value
    case "Sequence":
      return spanText(span.left) + spanText(span.right)
    default:
      return spanText(span.value)
  }
}

/** The blocks of a document, in order. */
export const blocksOf = (doc: HelpDoc.HelpDoc): ReadonlyArray<HelpDoc.HelpDoc> => {
  if (doc._tag === "Sequence") return [...blocksOf(doc.left), ...blocksOf(doc.right)]
  return doc._tag === "Empty" ? [] : [doc]
}

/** The paragraphs of a document. */
export const paragraphs = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> =>
  blocksOf(doc).flatMap((block) => (block._tag === "Paragraph" ? [spanText(block.value)] : []))
