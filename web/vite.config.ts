/* SPDX-License-Identifier: Apache-2.0 */
import vue from '@vitejs/plugin-vue'
import type { HtmlTagDescriptor, Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/* What the daemon answers itself: `npm run dev` passes it on. */
const daemon = process.env['PT_DAEMON'] ?? 'http://127.0.0.1:8650'
const served = ['/api', '/ipfs', '/tiles', '/tlog']

/* What src/first.ts asks for next is on its way before it asks; the map comes after it, not beside it. */
const soon = /\/main\.ts$/

function preload(): Plugin {
  return {
    name: 'preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle }) => {
        const chunks = Object.values(bundle ?? {}).filter((made) => made.type === 'chunk')
        const first = chunks.filter((chunk) => chunk.moduleIds.some((id) => soon.test(id)))
        const names = new Set(first.flatMap((chunk) => [chunk.fileName, ...chunk.imports]))
        for (const chunk of chunks) if (chunk.isEntry) names.delete(chunk.fileName)
        return [...names].map((name): HtmlTagDescriptor => {
          const attrs = { rel: 'modulepreload', crossorigin: true, href: `./${name}` }
          return { tag: 'link', attrs, injectTo: 'head' }
        })
      }
    }
  }
}

/* Everything in dist must live under `script-src 'self'; style-src 'self'`: nothing inline, no
 * eval, no data: URLs beyond images, no source maps. */
export default defineConfig({
  base: './', // whatever path of a proxy it lies below
  plugins: [vue(), preload()],
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false'
  },
  build: {
    target: 'es2022',
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    emptyOutDir: true
  },
  server: { proxy: Object.fromEntries(served.map((path) => [path, daemon])) },
  test: {
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    testTimeout: 300_000, // ends what hangs, and nothing else
    hookTimeout: 300_000,
    cache: false,
    poolOptions: { forks: { maxForks: 2, minForks: 1 } }
  }
})
