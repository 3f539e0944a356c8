/**
 * Which tags a message must have and must not have, and which tags there are. What must be there is the server's to
 * filter; what must not be is filtered here.
 */
import type { PageMessage } from "./message.js"

export interface TagFilter {
  /** All must be there. */
  readonly include: ReadonlyArray<string>
  /** None may be there. */
  readonly exclude: ReadonlyArray<string>
}

/** Adds the tag to one side, taking it from the other; takes it away when it is there already. */
export const toggleTag = (filter: TagFilter, tag: string, side: "include" | "exclude"): TagFilter => {
  const other = side === "include" ? "exclude" : "include"
  const has = filter[side].includes(tag)
  return {
    ...filter,
    [side]: has ? filter[side].filter((held) => held !== tag) : [...filter[side], tag],
    [other]: filter[other].filter((held) => held !== tag)
  }
}

/** What is typed: `error`, `-noise`, several with blanks between; quotes hold a tag with blanks together. */
export const parseTagText = (text: string): TagFilter => {
  const include: Array<string> = []
  const exclude: Array<string> = []
  for (const [, minus, quoted, plain] of text.matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)) {
    const tag = (quoted ?? plain ?? "").trim()
    const side = minus === "-" ? exclude : include
    if (tag !== "" && !side.includes(tag)) side.push(tag)
  }
  return { include, exclude }
}

/** The server's rule: all given tags, compared exactly. */
export const matchesTags = ({ exclude, include }: TagFilter, tags: PageMessage["tags"]): boolean =>
  include.every((tag) => tags.includes(tag)) && !exclude.some((tag) => tags.includes(tag))

export interface TagCount {
  readonly tag: string
  readonly count: number
}

/** Counts tags, of a bounded number of them: a pool that tags each message with a new word must not fill the page. */
export class TagCounter {
  private readonly counts = new Map<string, number>()
  private messages = 0

  constructor(private readonly mostTags = 2_000) {}

  get messageCount(): number {
    return this.messages
  }

  add(messages: ReadonlyArray<Pick<PageMessage, "tags">>): void {
    for (const { tags } of messages) {
      this.messages++
      for (const tag of new Set(tags)) this.counts.set(tag, (this.counts.get(tag) ?? 0) + 1)
    }
    if (this.counts.size > this.mostTags * 2) this.forgetRare()
  }

  clear(): void {
    this.counts.clear()
    this.messages = 0
  }

  /** The most frequent first, those of equal count by name; only those that contain `part`. */
  top(most: number, part = ""): ReadonlyArray<TagCount> {
    const wanted = part.toLowerCase()
    return [...this.counts]
      .filter(([tag]) => tag.toLowerCase().includes(wanted))
      .sort(([left, leftCount], [right, rightCount]) => rightCount - leftCount || (left < right ? -1 : 1))
      .slice(0, most)
      .map(([tag, count]) => ({ tag, count }))
  }

  private forgetRare(): void {
    const kept = this.top(this.mostTags)
    this.counts.clear()
    for (const { count, tag } of kept) this.counts.set(tag, count)
  }
}
