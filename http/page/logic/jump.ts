/**
 * What may be typed to go somewhere in a pool: a number, a time, an age, a word.
 */

export type JumpTarget =
  | { readonly kind: "seq"; readonly seq: number }
  | { readonly kind: "time"; readonly timeMillis: number }
  | { readonly kind: "oldest" }
  | { readonly kind: "newest" }

const unitMillis: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const age = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)(?:ec(?:ond)?s?|in(?:ute)?s?|(?:ou)?rs?|ays?)?(?:\s+ago)?$/i
const clock = /^(\d\d?):(\d\d)(?::(\d\d))?$/

/** `1234`, `#1234`, `5m`, `5 minutes ago`, `09:15`, `2026-03-04 09:15`, `oldest`, `newest`; undefined for anything else. */
export const parseJump = (text: string, now: number): JumpTarget | undefined => {
  const typed = text.trim().toLowerCase()
  if (/^(?:oldest|first|start)$/.test(typed)) return { kind: "oldest" }
  if (/^(?:newest|last|end|now|live)$/.test(typed)) return { kind: "newest" }
  const seq = /^#?(\d{1,15})$/.exec(typed.replaceAll(",", ""))?.[1]
  if (seq !== undefined) return Number(seq) > 0 ? { kind: "seq", seq: Number(seq) } : undefined
  const ago = age.exec(typed)
  if (ago !== null) {
    return { kind: "time", timeMillis: now - Number(ago[1]) * unitMillis[ago[2]!.toLowerCase()]! }
  }
  const time = clock.exec(typed)
  if (time !== null) return clockTime(time, now)
  if (!/^\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:\s*z|[+-]\d\d:?\d\d)?)?$/.test(typed)) return undefined
  // A date alone is that day's first moment here, not in Greenwich.
  const spelled = typed.length === 10 ? `${typed}T00:00` : typed.replace(/\s+(?=z)/, "").replace(" ", "T")
  const timeMillis = Date.parse(spelled.toUpperCase())
  return Number.isNaN(timeMillis) ? undefined : { kind: "time", timeMillis }
}

/** The last time the reader's clock showed this. */
const clockTime = ([, hours, minutes, seconds]: RegExpExecArray, now: number): JumpTarget | undefined => {
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds ?? 0)]
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const moment = new Date(now)
  moment.setHours(hour, minute, second, 0)
  if (moment.getTime() > now) moment.setDate(moment.getDate() - 1)
  return { kind: "time", timeMillis: moment.getTime() }
}

export const jumpHelp = "A number, a time such as 09:15 or 2026-03-04 09:15, an age such as 5m, “oldest” or “newest”."
