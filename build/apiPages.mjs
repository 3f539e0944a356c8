// The API reference as Markdown, made of the declaration files of the build: one page for each public module, with
// signatures and docstrings as users' editors show them. What no entry point exports is on no page.
import { readFileSync } from "node:fs"
import path from "node:path"
import { parsers } from "prettier/plugins/typescript"

const parse = (file) => {
  const text = readFileSync(file, "utf8")
  const { body, comments } = parsers.typescript.parse(text, { filepath: file })
  return { text, body, comments: comments.filter(({ value }) => value.startsWith("*")) }
}

/** A docstring as prose and its tags. */
const readComment = (comment) => {
  const lines = comment.value.split("\n").map((line) => line.replace(/^\s*\* ?/, ""))
  const tags = new Map()
  const prose = []
  let target = prose
  for (const line of lines) {
    const [, name, rest] = /^@(\w+)\s*(.*)$/.exec(line) ?? []
    if (name === undefined) target.push(line)
    else tags.set(name, (target = [rest]))
  }
  const textOf = (part) => (part ?? []).join("\n").trim()
  return {
    prose: textOf(prose),
    since: textOf(tags.get("since")),
    category: textOf(tags.get("category")),
    example: textOf(tags.get("example"))
  }
}

const nameOf = (declaration) => declaration.id?.name ?? declaration.declarations[0].id.name

/** The source as it is declared: bodies of services are in a base class that the compiler made up, which is named here. */
const signatureOf = (text, declaration, bases) => {
  const code = text.slice(...declaration.range)
  const base = bases.get(declaration.superClass?.name)
  if (base === undefined) return code
  return code.replace(` extends ${declaration.superClass.name} `, ` extends ${base} `)
}

const declarationsOf = (file, specifier) => path.join(path.dirname(file), specifier.replace(/\.js$/, ".d.ts"))

/** A file's first comment, from its source: the compiler drops it together with an import that it stands on. */
const aboutFile = (file) => {
  const source = file.replace(/\bdist\//, "").replace(/\.d\.ts$/, ".ts")
  const [, value] = /^\/\*(\*[^]*?)\*\//.exec(readFileSync(source, "utf8")) ?? []
  return readComment({ value: value ?? "" })
}

/** What a declaration file exports by itself, in order, with their docstrings. */
const readModule = (file) => {
  const { body, comments, text } = parse(file)
  const bases = new Map()
  const items = []
  const passedOn = []
  const imported = new Map()
  const docOf = (node, after) => comments.findLast(({ range }) => range[0] >= after && range[1] <= node.range[0])
  let after = 0
  for (const node of body) {
    const { declaration } = node
    if (node.type === "VariableDeclaration" && node.declare && nameOf(node).endsWith("_base")) {
      const [base] = node.declarations
      bases.set(base.id.name, text.slice(...base.id.typeAnnotation.typeAnnotation.range))
    }
    const comment = docOf(node, after)
    if (node.type === "ExportNamedDeclaration" && declaration) {
      const signature = signatureOf(text, declaration, bases)
      items.push({
        name: nameOf(declaration),
        signature,
        ...(comment ? readComment(comment) : readComment({ value: "" }))
      })
    } else if (node.type === "ExportNamedDeclaration") {
      for (const { exported, local, range } of node.specifiers) {
        const from = node.source?.value ?? imported.get(local.name)
        const own = comments.findLast((comment) => comment.range[0] > node.range[0] && comment.range[1] <= range[0])
        passedOn.push({
          from: declarationsOf(file, from),
          name: exported.name,
          ...(own && { comment: readComment(own) })
        })
      }
    } else if (node.type === "ImportDeclaration") {
      for (const { local } of node.specifiers) imported.set(local.name, node.source.value)
    }
    after = node.range[1]
  }
  return { about: aboutFile(file), items, passedOn }
}

/** With what the module passes on from others. */
const readWhole = (file) => {
  const { about, items, passedOn } = readModule(file)
  const others = passedOn.flatMap(({ comment, from, name }) =>
    readWhole(from)
      .items.filter((item) => item.name === name)
      .map((item) => ({ ...item, ...comment }))
  )
  return { about, items: [...items, ...others] }
}

const entries = [
  ["effect-plasmite", "src/index.d.ts", "core"],
  ["effect-plasmite/node", "binding/index.d.ts", "node"],
  ["effect-plasmite/testing", "layers/testing.d.ts", "testing"],
  ["effect-plasmite/http", "http/index.d.ts", "http"]
]

/** The pages of an entry point: a module that is exported as a whole has one, and so has a file some names come from. */
const readEntry = (dist, [specifier, index, folder]) => {
  const file = path.join(dist, index)
  const { body, comments } = parse(file)
  const pages = new Map()
  for (const node of body) {
    const from = declarationsOf(file, node.source.value)
    const name = path.basename(from, ".d.ts")
    const module = readWhole(from)
    if (node.type === "ExportAllDeclaration") {
      const importing = `import { ${node.exported.name} } from "${specifier}"`
      pages.set(name, { importing, title: node.exported.name, module })
      continue
    }
    const names = node.specifiers.map(({ exported }) => exported.name)
    const items = module.items.filter((item) => names.includes(item.name))
    const missing = names.filter((wanted) => !items.some(({ name }) => name === wanted))
    if (missing.length > 0) throw new Error(`${from} declares no ${missing.join(", ")}`)
    const values = names.filter(
      (wanted) => !/^(interface|type) /.test(items.find(({ name }) => name === wanted).signature)
    )
    const importing = `import ${values.length === 0 ? "type " : ""}{ ${(values.length === 0 ? names : values).join(", ")} } from "${specifier}"`
    pages.set(name, { importing, title: name, module: { ...module, items } })
  }
  return { specifier, folder, about: readComment(comments[0]).prose, pages }
}

/** Types that follow from others by the page are cut: nobody reads them, and editors show them where they are needed. */
const longestSignature = 60
const layOut = (signature) => {
  const lines = signature
    .replace(/^declare /, "")
    .replace(/\{\n\}$/, "{}")
    .split("\n")
  const shown = lines.length > longestSignature ? [...lines.slice(0, 8), "    // … and so on"] : lines
  return shown.map((line) => line.replace(/^ +/, (indent) => " ".repeat(indent.length / 2)).trimEnd()).join("\n")
}

const itemText = ({ example, name, prose, signature, since }) =>
  [
    `### ${name}`,
    prose,
    `\`\`\`ts\n${layOut(signature)}\n\`\`\``,
    example === "" ? "" : `Example:\n\n${example}`,
    since === "" ? "" : `Since ${since}`
  ]
    .filter((part) => part !== "")
    .join("\n\n")

const pageText = ({ importing, module, title }) => {
  const categories = new Map()
  for (const item of module.items) {
    const category = item.category === "" ? "other" : item.category
    categories.set(category, [...(categories.get(category) ?? []), item])
  }
  const parts = [`# ${title}`, `\`\`\`ts\n${importing}\n\`\`\``, module.about.prose]
  for (const category of [...categories.keys()].sort()) {
    parts.push(`## ${category}`, ...categories.get(category).map(itemText))
  }
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`
}

const firstSentence = (prose) =>
  /^[^]*?[.:;?](?=\s|$)/.exec(prose)?.[0].replaceAll("\n", " ").replace(/[:;]$/, ".") ?? prose

/** Every page by its path below `docs/api`. */
export const apiPages = (dist) => {
  const pages = new Map()
  const map = ["# API reference", "Made of the docstrings by `npm run api`. A test says when that is due."]
  for (const entry of entries) {
    const { about, folder, pages: modules, specifier } = readEntry(dist, entry)
    const rows = []
    for (const [name, page] of modules) {
      pages.set(`${folder}/${name}.md`, pageText(page))
      rows.push(`| [${page.title}](${folder}/${name}.md) | ${firstSentence(page.module.about.prose)} |`)
    }
    map.push(`## ${specifier}`, about, ["| Module | |", "| --- | --- |", ...rows].join("\n"))
  }
  return pages.set("README.md", `${map.join("\n\n")}\n`)
}
