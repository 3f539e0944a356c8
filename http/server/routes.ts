/**
 * The route table, made of the API value: no path is written a second time. Literal segments win over parameters, but
 * only where they know the method, so that a pool may be called `open`.
 */
import * as HttpApi from "@effect/platform/HttpApi"
import type * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import type * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Context from "effect/Context"
import { Api } from "../Api.js"
import type { AccessKind } from "../api/Access.js"
import { Access } from "../api/Access.js"

type Groups = (typeof Api)["groups"][keyof (typeof Api)["groups"]]

/** Every endpoint of the API, by name. */
export type EndpointName = HttpApiEndpoint.HttpApiEndpoint.Name<HttpApiGroup.HttpApiGroup.Endpoints<Groups>>

export interface Route {
  readonly name: EndpointName
  readonly access: AccessKind
  readonly method: string
  /** Literals as they stand in a path, `undefined` for a parameter. */
  readonly segments: ReadonlyArray<string | undefined>
}

export type Match =
  | { readonly _tag: "Found"; readonly route: Route; readonly parameters: ReadonlyArray<string> }
  | { readonly _tag: "OtherMethods"; readonly allow: ReadonlyArray<string> }
  | { readonly _tag: "Unknown" }

export const routes: ReadonlyArray<Route> = (() => {
  const found: Array<Route> = []
  HttpApi.reflect(Api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint }) => {
      found.push({
        name: endpoint.name as EndpointName,
        access: Context.unsafeGet(endpoint.annotations, Access),
        method: endpoint.method,
        segments: endpoint.path
          .slice(1)
          .split("/")
          .map((segment) => (segment.startsWith(":") ? undefined : segment))
      })
    }
  })
  return found
})()

interface Node {
  readonly literals: Map<string, Node>
  parameter: Node | undefined
  readonly methods: Map<string, Route>
}

const emptyNode = (): Node => ({ literals: new Map(), parameter: undefined, methods: new Map() })

const root = emptyNode()
for (const route of routes) {
  let node = root
  for (const segment of route.segments) {
    if (segment === undefined) node = node.parameter ??= emptyNode()
    else {
      const literal = node.literals.get(segment)
      const next = literal ?? emptyNode()
      if (literal === undefined) node.literals.set(segment, next)
      node = next
    }
  }
  node.methods.set(route.method, route)
}

/** So many paths are known by heart, if they are short; with one more, all are forgotten. */
const keptMatches = 256
const keptPathLength = 256
const known = new Map<string, Match & { readonly _tag: "Found" }>()

/**
 * `path` without its query; parameters come as they stand there, not decoded. A client asks for few paths many times:
 * those that lead somewhere are taken apart once.
 */
export const matchRoute = (method: string, path: string): Match => {
  if (path.length > keptPathLength) return findRoute(method, path)
  const key = `${method} ${path}`
  const kept = known.get(key)
  if (kept !== undefined) return kept
  const match = findRoute(method, path)
  if (match._tag === "Found") {
    if (known.size >= keptMatches) known.clear()
    known.set(key, match)
  }
  return match
}

const findRoute = (method: string, path: string): Match => {
  // Parsers let an asterisk stand where a path begins; alone it is the server, and before something it is no slash.
  if (!path.startsWith("/") && path !== "*") return { _tag: "Unknown" }
  const segments = path.slice(1).split("/")
  const leaves: Array<Node> = []
  collect(root, segments, 0, leaves)
  const wanted = method === "HEAD" ? "GET" : method
  for (const leaf of leaves) {
    const route = leaf.methods.get(wanted)
    if (route === undefined) continue
    const parameters = segments.filter((_, index) => route.segments[index] === undefined)
    return { _tag: "Found", route, parameters }
  }
  const allow = new Set(leaves.flatMap((leaf) => [...leaf.methods.keys()]))
  if (allow.size === 0) return { _tag: "Unknown" }
  if (allow.has("GET")) allow.add("HEAD")
  return { _tag: "OtherMethods", allow: [...allow].sort() }
}

/** The nodes that a path leads to, the most literal first. */
const collect = (node: Node, segments: ReadonlyArray<string>, depth: number, leaves: Array<Node>): void => {
  if (depth === segments.length) {
    if (node.methods.size > 0) leaves.push(node)
    return
  }
  const segment = segments[depth]!
  const literal = node.literals.get(segment)
  if (literal !== undefined) collect(literal, segments, depth + 1, leaves)
  if (node.parameter !== undefined) collect(node.parameter, segments, depth + 1, leaves)
}
