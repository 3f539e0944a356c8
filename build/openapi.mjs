// Writes spec/openapi.json from the declaration of the API, as it was built. A test says when that is due.
import { writeFile } from "node:fs/promises"
import { format } from "prettier"
import { openApi } from "../dist/http/openApi.js"

const file = new URL("../spec/openapi.json", import.meta.url)
await writeFile(file, await format(JSON.stringify(openApi()), { filepath: "openapi.json", printWidth: 120 }))
