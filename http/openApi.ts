/**
 * The OpenAPI document of the API. The framework's own decoding error is taken out, since this server answers
 * with its own envelope; and each operation says whether it needs the token.
 *
 * @since 0.1.0
 */
import * as HttpApi from "@effect/platform/HttpApi"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Context from "effect/Context"
import { Api } from "./Api.js"
import { Access } from "./api/Access.js"

/**
 * @since 0.1.0
 * @category constructors
 */
export const openApi = (): OpenApi.OpenAPISpec => {
  const document = structuredClone(OpenApi.fromApi(Api, { additionalPropertiesStrategy: "allow" }))
  delete document.components.schemas["HttpApiDecodeError"]
  delete document.components.schemas["Issue"]
  delete document.components.schemas["PropertyKey"]
  const operations: Array<OpenApi.OpenAPISpecOperation> = Object.values(document.paths).flatMap((path) =>
    Object.values(path)
  )
  const open = openOperations()
  for (const operation of operations) {
    operation.security = open.has(operation.operationId) ? [] : [{ bearer: [] }]
    const badRequest = operation.responses[400]
    if (badRequest !== undefined) {
      badRequest.description = "The request makes no sense; `Corrupt` for an encoded payload that does not decode."
      badRequest.content = { "application/json": { schema: { $ref: "#/components/schemas/BadRequest" } } }
    }
  }
  return document
}

const openOperations = (): ReadonlySet<string> => {
  const names = new Set<string>()
  HttpApi.reflect(Api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint, group }) => {
      if (Context.unsafeGet(endpoint.annotations, Access) === "open") names.add(`${group.identifier}.${endpoint.name}`)
    }
  })
  return names
}
