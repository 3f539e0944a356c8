/**
 * The script at the top of the document: sends the first requests, so that the server answers while the browser reads the
 * rest. It changes nothing, and the page works the same without it.
 */
import { askEarly } from "./data/EarlyAnswers.js"
import { storedToken } from "./data/tokenStore.js"
import { earlyRequests } from "./logic/earlyRequests.js"

const asked = earlyRequests(location.href, document.documentElement.dataset["readers"], storedToken())
if (asked !== undefined) askEarly(asked.token, asked.paths)
