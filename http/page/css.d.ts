/** A style sheet is imported for its effect: the build puts all of them into the document's one style element. */
declare module "*.css"
