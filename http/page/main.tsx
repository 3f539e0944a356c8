/**
 * The page's entry. For now it says what server it came from; the views take its place.
 */
import { render } from "preact"
import "./style.css"

const root = document.getElementById("root")
if (root !== null) render(<p>Plasmite UI at {location.host}</p>, root)
