/* SPDX-License-Identifier: Apache-2.0 */

/** How often something was told of each name; those that were told longest ago are forgotten. */
export class Told {
  private readonly counts = new Map<string, number>()

  constructor(private readonly maximum: number) {}

  get size(): number {
    return this.counts.size
  }

  tell(name: string): void {
    const before = this.of(name)
    this.counts.delete(name)
    this.counts.set(name, before + 1)
    const [oldest] = this.counts.keys()
    if (this.counts.size > this.maximum && oldest !== undefined) this.counts.delete(oldest)
  }

  of(name: string): number {
    return this.counts.get(name) ?? 0
  }
}
