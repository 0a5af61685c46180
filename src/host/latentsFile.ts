import type { TensorOf } from "../openvino/tensor.ts";

/**
 * A NumPy `.npy` file (format 1.0) of little-endian float32, row-major.
 * @param images one `[1, channels, height, width]` tensor an image; the file's shape is `[count, channels, height, width]`
 */
export function npyBytes(images: readonly TensorOf<"f32">[]): Buffer {
  const shape = [images.length, ...(images[0]?.shape.slice(1) ?? [])];
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  // Magic, version and length take 10 bytes; the header is padded so that the data begins at a multiple of 64.
  const padding = 63 - ((10 + description.length) % 64);
  const header = Buffer.from(`${description}${" ".repeat(padding)}\n`, "latin1");
  const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, header.length & 0xff, header.length >> 8]);
  const values = images.map(({ data }) => {
    const bytes = Buffer.alloc(data.length * 4);
    data.forEach((value, index) => {
      bytes.writeFloatLE(value, index * 4);
    });
    return bytes;
  });
  return Buffer.concat([start, header, ...values]);
}
