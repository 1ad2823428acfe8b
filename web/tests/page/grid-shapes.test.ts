/* SPDX-License-Identifier: Apache-2.0 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { feederMax, type GridShapes, gridShapes, type GridSites } from '../../src/map/grid-shapes'

interface Site {
  x: number
  y: number
  area: string
  feeder: string
}

interface Case {
  name: string
  sites: Site[]
  lines: { area: string; feeder: string; edges: [number, number][] }[]
  outlines: { area: string; corners: number[] }[]
}

const path = new URL('../../../tests/vectors/grid.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] }

function gridSites(sites: readonly Site[]): GridSites {
  return {
    count: sites.length,
    x: sites.map(({ x }) => x),
    y: sites.map(({ y }) => y),
    areaOf: sites.map(({ area }) => area),
    feederOf: sites.map(({ feeder }) => feeder)
  }
}

function made(sites: GridSites): GridShapes {
  const steps = gridShapes(sites)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
const modulo = (x: number) => (((x % 1) + 1) % 1).toFixed(9)

describe.each(cases)('$name', ({ sites, lines, outlines }) => {
  const shapes = made(gridSites(sites))

  it('has its lines', () => {
    const found = shapes.lines.map(({ area, feeder, edges }) => ({
      area,
      feeder,
      edges: edges
        .flatMap((from, i) => (i % 2 ? [] : [[from, edges[i + 1]!].sort((a, b) => a - b)]))
        .sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!)
    }))
    expect(found.sort(byText)).toEqual([...lines].sort(byText))
  })

  it('has its outlines', () => {
    const found = shapes.outlines.map(({ area, corners }) => ({
      area,
      corners: corners.map(([x, y]) => `${modulo(x)} ${y.toFixed(9)}`).sort()
    }))
    const wanted = outlines.map(({ area, corners }) => ({
      area,
      corners: corners.map((i) => `${modulo(sites[i]!.x)} ${sites[i]!.y.toFixed(9)}`).sort()
    }))
    expect(found.sort(byText)).toEqual(wanted.sort(byText))
  })

  it('has each corner against the clock', () => {
    for (const { corners } of shapes.outlines)
      corners.forEach((a, i) => {
        const [b, c] = [1, 2].map((more) => corners[(i + more) % corners.length]!)
        expect(
          (b![0] - a[0]) * (c![1] - a[1]) - (b![1] - a[1]) * (c![0] - a[0])
        ).toBeLessThan(0)
      })
  })
})

describe('bounds', () => {
  it('draws no line through more sites than a feeder can have', () => {
    const site = (i: number) => ({ x: i / 3000, y: (i % 7) / 7, area: 'a', feeder: 'F' })
    const many = Array.from({ length: feederMax + 1 }, (_, i) => site(i))
    expect(made(gridSites(many)).lines).toEqual([])
    expect(made(gridSites(many.slice(1))).lines[0]?.edges).toHaveLength(2 * (feederMax - 1))
  })

  it('stops after each part', () => {
    const steps = gridShapes(gridSites(cases.find(({ name }) => name === 'many feeders')!.sites))
    expect([...steps].length).toBeGreaterThan(30)
  })
})
