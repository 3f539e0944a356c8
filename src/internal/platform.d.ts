// The few globals beyond the language that every JavaScript runtime we support has. `src` is compiled without
// the types of Node or the DOM, so that nothing else of either can slip in.

declare class TextEncoder {
  encode(text: string): Uint8Array
  encodeInto(text: string, target: Uint8Array): { readonly read: number; readonly written: number }
}

declare class TextDecoder {
  constructor(label: "utf-8", options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean })
  decode(bytes: Uint8Array): string
}
