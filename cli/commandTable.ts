/**
 * The command tree as plain rows: names, options, positionals, defaults, descriptions, read back from the
 * `@effect/cli` values themselves. This is the only file that looks inside those values, and it refuses what it
 * does not know, so a framework that changes its shape fails here and not in someone's shell.
 */
import type * as Args from "@effect/cli/Args"
import type * as Command from "@effect/cli/Command"
import type * as HelpDoc from "@effect/cli/HelpDoc"
import type * as Options from "@effect/cli/Options"
import * as Option from "effect/Option"
import type { CommandGrammar, OptionGrammar, PositionalGrammar, ValueKind } from "./grammar.js"

export interface OptionRow extends OptionGrammar {
  readonly description: HelpDoc.HelpDoc
}

export interface PositionalRow extends PositionalGrammar {
  readonly description: HelpDoc.HelpDoc
}

export interface CommandRow extends CommandGrammar {
  /** Other spellings of this one. */
  readonly aliases: ReadonlyArray<string>
  readonly description: HelpDoc.HelpDoc
  readonly options: ReadonlyArray<OptionRow>
  readonly positionals: ReadonlyArray<PositionalRow>
  readonly commands: ReadonlyArray<CommandRow>
}

// -- The framework's values, as they are at run time ------------------------------------------------------------

type PrimitiveNode =
  | { readonly _tag: "Bool" | "Text" }
  | { readonly _tag: "Choice"; readonly alternatives: ReadonlyArray<readonly [string, unknown]> }
  | { readonly _tag: "Path"; readonly pathType: "file" | "directory" | "either" }

interface OptionNode {
  readonly _tag: "Single"
  readonly name: string
  readonly placeholder: string
  readonly aliases: ReadonlyArray<string>
  readonly primitiveType: PrimitiveNode
  readonly description: HelpDoc.HelpDoc
}

type OptionsNode =
  | OptionNode
  | { readonly _tag: "Empty" }
  | { readonly _tag: "Map"; readonly options: OptionsNode }
  | { readonly _tag: "Both"; readonly left: OptionsNode; readonly right: OptionsNode }
  | { readonly _tag: "Variadic"; readonly argumentOption: OptionNode }
  | { readonly _tag: "WithDefault"; readonly options: OptionsNode; readonly fallback: unknown }

interface ArgumentNode {
  readonly _tag: "Single"
  readonly pseudoName: Option.Option<string>
  readonly primitiveType: PrimitiveNode
  readonly description: HelpDoc.HelpDoc
}

type ArgumentsNode =
  | ArgumentNode
  | { readonly _tag: "Empty" }
  | { readonly _tag: "Map"; readonly args: ArgumentsNode }
  | { readonly _tag: "Both"; readonly left: ArgumentsNode; readonly right: ArgumentsNode }
  | { readonly _tag: "Variadic"; readonly args: ArgumentsNode; readonly min: Option.Option<number> }
  | { readonly _tag: "WithDefault"; readonly args: ArgumentsNode; readonly fallback: unknown }

interface StandardNode {
  readonly _tag: "Standard"
  readonly name: string
  readonly description: HelpDoc.HelpDoc
  readonly options: Options.Options<unknown>
  readonly args: Args.Args<unknown>
}

type DescriptorNode =
  | StandardNode
  | { readonly _tag: "Map"; readonly command: DescriptorNode }
  | {
      readonly _tag: "Subcommands"
      readonly parent: DescriptorNode
      readonly children: ReadonlyArray<DescriptorNode>
    }

const unknownShape = (node: never): never => {
  throw new Error(`@effect/cli has a shape this program does not know: ${JSON.stringify(node)}`)
}

const readKind = (node: PrimitiveNode): ValueKind => {
  switch (node._tag) {
    case "Bool":
      return { _tag: "Flag" }
    case "Text":
      return { _tag: "Text" }
    case "Choice":
      return { _tag: "Choice", choices: node.alternatives.map(([word]) => word) }
    case "Path":
      return { _tag: node.pathType === "directory" ? "Directory" : "File" }
    default:
      return unknownShape(node)
  }
}

/** A default worth showing: neither "absent" nor "off". */
const readFallback = (fallback: unknown): string | undefined =>
  Option.isOption(fallback) || fallback === false ? undefined : String(fallback)

const readOption = (node: OptionNode, repeatable: boolean, fallback: string | undefined): OptionRow => ({
  long: `--${node.name}`,
  short: node.aliases[0] === undefined ? undefined : `-${node.aliases[0]}`,
  value: node.placeholder,
  kind: readKind(node.primitiveType),
  repeatable,
  fallback,
  description: node.description
})

const readOptions = (node: OptionsNode, fallback?: string): ReadonlyArray<OptionRow> => {
  switch (node._tag) {
    case "Empty":
      return []
    case "Single":
      return [readOption(node, false, fallback)]
    case "Variadic":
      return [readOption(node.argumentOption, true, fallback)]
    case "Map":
      return readOptions(node.options, fallback)
    case "WithDefault":
      return readOptions(node.options, readFallback(node.fallback))
    case "Both":
      return [...readOptions(node.left), ...readOptions(node.right)]
    default:
      return unknownShape(node)
  }
}

const readArguments = (node: ArgumentsNode, required = true, repeatable = false): ReadonlyArray<PositionalRow> => {
  switch (node._tag) {
    case "Empty":
      return []
    case "Single": {
      const name = Option.getOrElse(node.pseudoName, () => "VALUE")
      return [{ name, kind: readKind(node.primitiveType), required, repeatable, description: node.description }]
    }
    case "Variadic":
      return readArguments(node.args, Option.getOrElse(node.min, () => 0) > 0, true)
    case "Map":
      return readArguments(node.args, required, repeatable)
    case "WithDefault":
      return readArguments(node.args, false, repeatable)
    case "Both":
      return [...readArguments(node.left), ...readArguments(node.right)]
    default:
      return unknownShape(node)
  }
}

const readCommand = (
  node: DescriptorNode,
  words: ReadonlyArray<string> | undefined,
  aliases: Readonly<Record<string, string>>,
  children: ReadonlyArray<DescriptorNode> = []
): CommandRow => {
  switch (node._tag) {
    case "Map":
      return readCommand(node.command, words, aliases, children)
    case "Subcommands":
      return readCommand(node.parent, words, aliases, node.children)
    case "Standard": {
      // The root's own name is the program's, not a word of any command.
      const own = words === undefined ? [] : [...words, node.name]
      const name = own.join(" ")
      return {
        words: own,
        aliasOf: aliases[name],
        aliases: Object.keys(aliases).filter((alias) => aliases[alias] === name),
        description: node.description,
        options: readOptions(node.options as unknown as OptionsNode),
        positionals: readArguments(node.args as unknown as ArgumentsNode),
        commands: children.map((child) => readCommand(child, own, aliases))
      }
    }
    default:
      return unknownShape(node)
  }
}

/**
 * The rows of a command value. `aliases` names the second spellings, `{ feed: "poke" }`: to the framework they
 * are commands of their own.
 */
export const readCommandTable = <Name extends string, R, E, A>(
  root: Command.Command<Name, R, E, A>,
  aliases: Readonly<Record<string, string>>
): CommandRow => readCommand(root.descriptor as unknown as DescriptorNode, undefined, aliases)
