/* SPDX-License-Identifier: Apache-2.0 */

/* A photo as it is sent: drawn anew, so that nothing is in it but what is seen: no place, no time, no
 * camera; and small enough for a slow line. */

export const photosMax = 5
const side = 1600 // px at most
const quality = 0.8
const bytesMax = 8 * 1024 * 1024

export type Draw = (file: Blob) => Promise<Blob | undefined>

/** The size that fits in @most by @most, with the same shape. */
export function fitted(width: number, height: number, most = side): readonly [number, number] {
  const scale = Math.min(1, most / Math.max(width, height, 1))
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
}

function toBlob(canvas: HTMLCanvasElement): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
}

/** undefined: the browser can't read it as a picture. */
export async function redraw(file: Blob): Promise<Blob | undefined> {
  let picture: ImageBitmap
  try {
    picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    return undefined
  }
  const canvas = document.createElement('canvas')
  ;[canvas.width, canvas.height] = fitted(picture.width, picture.height)
  const context = canvas.getContext('2d')
  if (!context) return undefined
  // What is transparent would become black.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  const blob = await toBlob(canvas)
  return blob && blob.size > 0 && blob.size <= bytesMax ? blob : undefined
}

/** Draws a picture small into @canvas: no address of it is needed, which the page's policy forbids. */
export async function preview(canvas: HTMLCanvasElement, file: Blob): Promise<void> {
  const picture = await createImageBitmap(file)
  const [width, height] = fitted(picture.width, picture.height, 192)
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')?.drawImage(picture, 0, 0, width, height)
  picture.close()
}
