/**
 * What the page shows as a command to be run elsewhere. Every text that comes from outside is quoted for its language;
 * a token is never put in, only a place for it.
 */

export interface CommandSource {
  /** `http://127.0.0.1:9700` */
  readonly origin: string
  readonly pool: string
  /** The server asks for a token. */
  readonly needsToken: boolean
}

export interface Selection {
  readonly tags: ReadonlyArray<string>
  readonly withoutTags: ReadonlyArray<string>
  readonly where: ReadonlyArray<string>
  /** How many retained matches come first; undefined: from the live end. */
  readonly tail?: number
}

export interface Publication {
  /** One JSON object. */
  readonly dataText: string
  readonly tags: ReadonlyArray<string>
  readonly durability: "fast" | "flush"
}

/** As one word of a POSIX shell. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./][A-Za-z0-9_@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** A value that begins with a dash would be taken for an option, unless it is joined on. */
const option = (name: string, value: string): string =>
  `--${name}${value.startsWith("-") ? "=" : " "}${shellWord(value)}`

const poolUrl = ({ origin, pool }: CommandSource): string => `${origin}/${encodeURIComponent(pool)}`

const tokenFile = ({ needsToken }: CommandSource): ReadonlyArray<string> =>
  needsToken ? ["--token-file token.txt"] : []

/** The condition that says a tag is not there. */
export const withoutTagExpression = (tag: string): string => `any(.meta.tags[]; . == ${JSON.stringify(tag)}) | not`

/** The `pls peek` line that shows what the list shows. */
export const peekCommand = (source: CommandSource, selection: Selection): string =>
  [
    `pls peek ${shellWord(poolUrl(source))}`,
    ...tokenFile(source),
    ...(selection.tail === undefined ? [] : [`--tail ${selection.tail}`]),
    ...selection.tags.map((tag) => option("tag", tag)),
    ...selection.withoutTags.map((tag) => option("where", withoutTagExpression(tag))),
    ...selection.where.map((expression) => option("where", expression)),
    "--jsonl"
  ].join(" ")

/** The `pls poke` line that publishes the same. */
export const pokeCommand = (source: CommandSource, { dataText, durability, tags }: Publication): string =>
  [
    `pls poke ${shellWord(poolUrl(source))}`,
    shellWord(dataText),
    ...tags.map((tag) => option("tag", tag)),
    ...(durability === "flush" ? ["--durability flush"] : []),
    ...tokenFile(source)
  ].join(" ")

const appendUrl = ({ origin, pool }: CommandSource): string => `${origin}/v0/pools/${encodeURIComponent(pool)}/append`

/** The body of an append, with the data's text as it is. */
export const appendBody = ({ dataText, durability, tags }: Publication): string =>
  `{"data":${dataText},"tags":${JSON.stringify(tags)},"durability":${JSON.stringify(durability)}}`

export const curlCommand = (source: CommandSource, publication: Publication): string =>
  [
    `curl ${shellWord(appendUrl(source))}`,
    `-H 'content-type: application/json'`,
    ...(source.needsToken ? [`-H "authorization: Bearer $PLASMITE_TOKEN"`] : []),
    `--data-binary ${shellWord(appendBody(publication))}`
  ].join(" ")

/** A program for Node, which sends the same bytes. */
export const nodeProgram = (source: CommandSource, publication: Publication): string => {
  const headers = source.needsToken
    ? `{ "content-type": "application/json", authorization: \`Bearer \${process.env.PLASMITE_TOKEN}\` }`
    : `{ "content-type": "application/json" }`
  return [
    `const response = await fetch(${scriptText(appendUrl(source))}, {`,
    `  method: "POST",`,
    `  headers: ${headers},`,
    `  body: ${scriptText(appendBody(publication))}`,
    `})`,
    `console.log(await response.text())`
  ].join("\n")
}

/** A text as a literal of JavaScript. */
const scriptText = (text: string): string =>
  JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")

/** The command that makes a first pool, for an empty overview. */
export const createCommand = (pool: string, message = '{"msg":"hello"}'): string =>
  `pls poke ${shellWord(pool)} --create ${shellWord(message)}`
