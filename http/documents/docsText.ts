/**
 * The description of the protocol as a document for reading, made of the OpenAPI value: what that says, and nothing else. It
 * loads nothing and runs nothing. All text goes through `escape`.
 */
import type * as OpenApi from "@effect/platform/OpenApi"
import { curlExample } from "./curlExample.js"
import { docsStyle } from "./docsStyle.js"
import { escape, prose } from "./markup.js"
import { membersTable, shapeOf } from "./shapes.js"

type Operation = OpenApi.OpenAPISpecOperation

export interface DescribedOperation {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

export const docsText = (document: OpenApi.OpenAPISpec): string => {
  const operations = operationsOf(document)
  const groups = document.tags.map(({ name }) => ({
    name,
    operations: operations.filter(({ operation }) => operation.tags.includes(name))
  }))
  const shapes = Object.entries(document.components.schemas)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(document.info.title)} · HTTP</title>
<link rel="icon" href="data:,">
<style>${docsStyle}</style>
</head>
<body>
<nav aria-label="Contents">
<p class="brand"><a href="/ui">Plasmite</a></p>
${groups.map(({ name, operations }) => navigation(name, operations)).join("\n")}
<h2>shapes</h2>
<ul>${shapes.map(([name]) => `<li><a href="#shape-${escape(name)}">${escape(name)}</a></li>`).join("")}</ul>
</nav>
<main>
<header>
<h1>${escape(document.info.title)}</h1>
<p>${prose(document.info.description ?? "")}</p>
<p>The same for programs: <a href="/openapi.json">openapi.json</a>. The pools themselves: <a href="/ui">the page</a>.</p>
</header>
${groups.map(({ name, operations }) => section(name, operations)).join("\n")}
<section aria-labelledby="shapes">
<h2 id="shapes">shapes</h2>
${shapes.map(([name, schema]) => shapeSection(name, schema)).join("\n")}
</section>
</main>
</body>
</html>
`
}

const operationsOf = ({ paths }: OpenApi.OpenAPISpec): ReadonlyArray<DescribedOperation> =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]: [string, Operation]) => ({ method, path, operation }))
  )

const anchor = ({ operation }: DescribedOperation): string => escape(operation.operationId.replace(".", "-"))

const navigation = (name: string, operations: ReadonlyArray<DescribedOperation>): string =>
  `<h2>${escape(name)}</h2>
<ul>${operations
    .map((described) => `<li><a href="#${anchor(described)}">${verb(described)} ${escape(described.path)}</a></li>`)
    .join("")}</ul>`

const verb = ({ method }: DescribedOperation): string =>
  `<span class="verb ${escape(method)}">${escape(method.toUpperCase())}</span>`

const section = (name: string, operations: ReadonlyArray<DescribedOperation>): string =>
  `<section aria-labelledby="group-${escape(name)}">
<h2 id="group-${escape(name)}">${escape(name)}</h2>
${operations.map(article).join("\n")}
</section>`

const article = (described: DescribedOperation): string => {
  const { operation, path } = described
  const token = operation.security.length > 0 ? `<span class="token">token</span>` : ""
  return `<article id="${anchor(described)}">
<h3>${verb(described)} <code>${escape(path)}</code>${token}</h3>
<p class="summary">${prose(operation.summary ?? "")}</p>
${operation.description === undefined ? "" : `<p>${prose(operation.description)}</p>`}
${parameters(operation)}
${body(operation)}
${answers(operation)}
<pre><code>${escape(curlExample(described))}</code></pre>
</article>`
}

const parameters = ({ parameters }: Operation): string =>
  parameters.length === 0
    ? ""
    : `<table><caption>Parameters</caption><tbody>${parameters
        .map(
          ({ description, in: place, name, schema }) =>
            `<tr><th scope="row"><code>${escape(name)}</code></th><td>${escape(place)}</td><td>${
              place === "query" && "enum" in schema ? `${shapeOf(schema)} ` : ""
            }${prose(description ?? "")}</td></tr>`
        )
        .join("")}</tbody></table>`

const body = ({ requestBody }: Operation): string =>
  requestBody === undefined
    ? ""
    : `<table><caption>Body</caption><tbody>${Object.entries(requestBody.content)
        .map(
          ([type, media]) =>
            `<tr><th scope="row"><code>${escape(type)}</code></th><td>${shapeOf(media?.schema)}</td></tr>`
        )
        .join("")}</tbody></table>`

/** What an operation answers when it does what it should; and, folded away, why it may not. */
const answers = ({ responses }: Operation): string => {
  const all = Object.entries(responses)
  const good = all.filter(([status]) => Number(status) < 400)
  const bad = all.filter(([status]) => Number(status) >= 400)
  const shapes = (response: (typeof all)[number][1]): string =>
    Object.entries(response.content ?? {})
      .map(([type, { schema }]) => `<code>${escape(type)}</code> ${shapeOf(schema)}`)
      .join("<br>")
  const goodRow = ([status, response]: (typeof all)[number]): string =>
    `<tr><th scope="row">${escape(status)}</th><td>${shapes(response)}</td></tr>`
  const badRow = ([status, response]: (typeof all)[number]): string =>
    `<tr><th scope="row">${escape(status)}</th><td>${prose(response.description)}</td></tr>`
  return `<table><caption>Answers</caption><tbody>${good.map(goodRow).join("")}</tbody></table>
<details><summary>Refusals: ${bad.map(([status]) => escape(status)).join(", ")}</summary>
<table><tbody>${bad.map(badRow).join("")}</tbody></table></details>`
}

const shapeSection = (name: string, schema: OpenApi.OpenAPISpec["components"]["schemas"][string]): string =>
  `<article id="shape-${escape(name)}">
<h3><code>${escape(name)}</code></h3>
${schema.description === undefined ? "" : `<p>${prose(schema.description)}</p>`}
${membersTable(schema)}
</article>`
