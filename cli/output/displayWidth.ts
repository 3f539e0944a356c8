/**
 * How many columns of a terminal a text takes: East Asian wide characters and emoji two, combining marks none. What
 * a reader sees as one character (a flag, a family, a letter with accents) is measured as one.
 */

/** Everything that takes one column each, quickly. */
const simple = /^[ -~]*$/

const takesNone = /^[\p{M}\p{Cf}]/u

/** Emoji that are drawn as pictures, and anything followed by the wish for a picture. */
const picture = /^\p{Emoji_Presentation}|\ufe0f/u

/** East Asian Width W and F, by blocks. */
const wide =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1b000}-\u{1b2fb}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u

let segmenter: Intl.Segmenter | undefined

export const displayWidth = (text: string): number => {
  if (simple.test(text)) return text.length
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" })
  let columns = 0
  for (const { segment } of segmenter.segment(text)) {
    if (picture.test(segment) || wide.test(segment)) columns += 2
    else if (!takesNone.test(segment)) columns += 1
  }
  return columns
}
