/**
 * A slow writer of payloads, one insertion at a time into real bytes, that shares no code with the one under test:
 * the B-tree is changed in place as the format describes it.
 */

const nodeLength = 96

export type OracleValue =
  null | boolean | number | string | ReadonlyArray<OracleValue> | { readonly [key: string]: OracleValue }

class Refused extends Error {}

class Payload {
  bytes = Buffer.alloc(0)

  append(part: Uint8Array): number {
    const offset = this.bytes.length
    this.bytes = Buffer.concat([this.bytes, part])
    return offset
  }

  align(ahead = 0): void {
    while ((this.bytes.length + ahead) % 4 !== 0) this.append(Buffer.alloc(1))
  }

  get(node: number, word: number): number {
    return this.bytes.readUInt32LE(node + word * 4)
  }

  set(node: number, word: number, value: number): void {
    this.bytes.writeUInt32LE(value, node + word * 4)
  }

  keyCount(node: number): number {
    return this.get(node, 8) % 8
  }

  newNode(type: number): number {
    const node = this.append(Buffer.alloc(nodeLength))
    this.set(node, 0, type)
    return node
  }

  /** Returns where the value goes. */
  add(container: number, key: string | undefined, bodyLength: number): number {
    const root = this.get(container, 0)
    this.set(container, 0, ((((root >>> 8) + 1) % 2 ** 24) * 256 + (root & 255)) >>> 0)
    const keyBytes = key === undefined ? undefined : Buffer.from(`${key}\0`)
    const base = keyBytes === undefined ? this.get(container, 8) >>> 6 : djb2(keyBytes.subarray(0, -1))
    for (let attempt = 0; attempt < (key === undefined ? 1 : 128); attempt++) {
      const hash = (base + attempt * attempt) % 2 ** 32
      const leaf = this.leafFor(container, hash)
      if ("hit" in leaf) {
        const other = this.bytes[leaf.hit]! & 3
        if (other !== tagOf(keyBytes!).length - 1) throw new Refused("tag widths")
        continue
      }
      const { node, slot } = leaf
      this.shift(node, 1, slot, this.keyCount(node))
      this.shift(node, 9, slot, this.keyCount(node))
      const head = keyBytes === undefined ? Buffer.alloc(0) : Buffer.concat([tagOf(keyBytes), keyBytes])
      if (bodyLength === 95) this.align(head.length)
      this.set(node, 1 + slot, hash)
      this.set(node, 9 + slot, this.append(head))
      this.set(node, 8, this.get(node, 8) + 1)
      this.set(container, 8, this.get(container, 8) + 64)
      return this.append(Buffer.alloc(1 + bodyLength))
    }
    throw new Refused("probes")
  }

  private shift(node: number, array: number, slot: number, count: number): void {
    for (let index = count; index > slot; index--) this.set(node, array + index, this.get(node, array + index - 1))
  }

  private leafFor(container: number, hash: number): { readonly hit: number } | { readonly node: number; slot: number } {
    let parent = -1
    let parentSlot = 0
    let node = container
    for (let walks = 0; ;) {
      if (this.keyCount(node) === 7) {
        this.align()
        if (parent < 0) {
          const left = this.append(Buffer.from(this.bytes.subarray(node, node + nodeLength)))
          for (let word = 1; word < 24; word++) if (word !== 8) this.set(node, word, 0)
          this.set(node, 8, (this.get(node, 8) >>> 6) * 64)
          this.set(node, 16, left)
          parent = node
          node = left
          parentSlot = 0
        }
        const right = this.newNode(this.bytes[node]!)
        const parentKeys = this.keyCount(parent)
        this.shift(parent, 1, parentSlot, parentKeys)
        this.shift(parent, 9, parentSlot, parentKeys)
        this.shift(parent, 16, parentSlot + 1, parentKeys + 1)
        this.set(parent, 1 + parentSlot, this.get(node, 4))
        this.set(parent, 9 + parentSlot, this.get(node, 12))
        this.set(parent, 17 + parentSlot, right)
        this.set(parent, 8, this.get(parent, 8) + 1)
        for (let index = 0; index < 3; index++) {
          this.set(right, 1 + index, this.get(node, 5 + index))
          this.set(right, 9 + index, this.get(node, 13 + index))
        }
        for (let index = 0; index < 4; index++) this.set(right, 16 + index, this.get(node, 20 + index))
        for (let index = 3; index < 7; index++) this.set(node, 1 + index, 0)
        for (let index = 3; index < 7; index++) this.set(node, 9 + index, 0)
        for (let index = 4; index < 8; index++) this.set(node, 16 + index, 0)
        this.set(node, 8, 3)
        this.set(right, 8, 3)
        const separator = this.get(parent, 1 + parentSlot)
        if (hash > separator) node = right
        else if (hash === separator) return { hit: this.get(parent, 9 + parentSlot) }
      }
      let slot = 0
      while (slot < this.keyCount(node) && this.get(node, 1 + slot) < hash) slot++
      if (slot < this.keyCount(node) && this.get(node, 1 + slot) === hash) return { hit: this.get(node, 9 + slot) }
      if (this.get(node, 16) === 0) return { node, slot }
      parent = node
      parentSlot = slot
      node = this.get(node, 16 + slot)
      if (++walks > 9) throw new Refused("height")
    }
  }

  insert(container: number, key: string | undefined, value: OracleValue): void {
    if (typeof value === "object" && value !== null) {
      const node = this.add(container, key, 95)
      this.set(node, 0, Array.isArray(value) ? 7 : 6)
      return this.fill(node, value)
    }
    const scalar = scalarBytes(value)
    const at = this.add(container, key, scalar.length - 1)
    scalar.copy(this.bytes, at)
  }

  fill(node: number, value: object): void {
    if (Array.isArray(value)) for (const element of value) this.insert(node, undefined, element as OracleValue)
    else {
      const members = Object.entries(value as { readonly [key: string]: OracleValue })
      members.sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
      for (const [key, member] of members) this.insert(node, key, member)
    }
  }
}

const djb2 = (bytes: Uint8Array): number => bytes.reduce((hash, byte) => (hash * 33 + byte) % 2 ** 32, 5381)

const tagOf = (keyBytes: Uint8Array): Buffer => {
  const width = keyBytes.length < 64 ? 1 : keyBytes.length < 16384 ? 2 : 4
  const tag = Buffer.alloc(width)
  tag.writeUIntLE(keyBytes.length * 4 + width - 1, 0, width)
  return tag
}

const scalarBytes = (value: null | boolean | number | string): Buffer => {
  if (value === null) return Buffer.of(0)
  if (typeof value === "boolean") return Buffer.of(1, value ? 1 : 0)
  if (typeof value === "string") {
    const body = Buffer.from(`${value}\0`)
    const size = Buffer.alloc(4)
    size.writeUInt32LE(body.length)
    return Buffer.concat([Buffer.of(5), size, body])
  }
  const bytes = Buffer.alloc(9)
  const isInteger = Number.isInteger(value) && !Object.is(value, -0) && value >= -(2 ** 63) && value < 2 ** 63
  bytes[0] = isInteger ? 2 : 3
  if (isInteger) bytes.writeBigInt64LE(BigInt(value), 1)
  else bytes.writeDoubleLE(value, 1)
  return bytes
}

/** Undefined when the format cannot express it. */
export const oraclePayload = (
  data: { readonly [key: string]: OracleValue },
  tags: ReadonlyArray<string>
): Uint8Array | undefined => {
  try {
    const payload = new Payload()
    const root = payload.newNode(6)
    payload.insert(root, "meta", { tags })
    payload.insert(root, "data", data)
    return payload.bytes
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}
