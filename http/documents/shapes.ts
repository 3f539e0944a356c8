/**
 * JSON schemas as people read them: a word for what is simple, a link for what has a name, a table for the members of an
 * object.
 */
import { escape, prose } from "./markup.js"

/** What is looked at in a schema, of whichever kind it is. */
interface Shape {
  readonly $ref?: string
  readonly type?: string
  readonly description?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<object>
  readonly allOf?: ReadonlyArray<object>
  readonly items?: object
  readonly properties?: Readonly<Record<string, object>>
  readonly required?: ReadonlyArray<string>
}

const references = "#/components/schemas/"

/** In one line. */
export const shapeOf = (schema: object | undefined): string => {
  const shape: Shape = schema ?? {}
  const { $ref, allOf, anyOf, enum: values, items, properties, required = [], type } = shape
  if ($ref?.startsWith(references) === true) {
    const name = escape($ref.slice(references.length))
    return `<a href="#shape-${name}">${name}</a>`
  }
  if (anyOf !== undefined) return anyOf.map(shapeOf).join(" or ")
  // What only narrows a shape has none of its own.
  if (allOf !== undefined)
    return allOf
      .map(shapeOf)
      .filter((part) => part !== anything)
      .join(" and ")
  if (values !== undefined) return values.map((value) => `<code>${escape(JSON.stringify(value))}</code>`).join(" or ")
  if (type === "array") return `array of ${shapeOf(items)}`
  if (type !== "object" || properties === undefined) return type === undefined ? anything : escape(type)
  const members = Object.entries(properties).map(
    ([name, member]) => `${escape(name)}${required.includes(name) ? "" : "?"}: ${shapeOf(member)}`
  )
  return members.length === 0 ? "object" : `{ ${members.join(", ")} }`
}

const anything = "anything"

/** A row for each member of an object; anything else in one line. */
export const membersTable = (schema: object): string => {
  const { properties, required = [] }: Shape = schema
  if (properties === undefined) return `<p>${shapeOf(schema)}</p>`
  const rows = Object.entries(properties).map(([name, member]) => {
    const { description = "" }: Shape = member
    const presence = required.includes(name) ? "" : "optional"
    return `<tr><th scope="row"><code>${escape(name)}</code></th><td>${presence}</td><td>${shapeOf(member)}</td><td>${prose(description)}</td></tr>`
  })
  return `<table><tbody>${rows.join("")}</tbody></table>`
}
