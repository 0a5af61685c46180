/** Peak signal-to-noise ratio in dB. @param range between the lowest and the highest value there can be */
export function psnr(actual: ArrayLike<number>, reference: ArrayLike<number>, range: number): number {
  if (actual.length !== reference.length || actual.length === 0)
    throw new Error(`${actual.length} values instead of ${reference.length}`);
  let sum = 0;
  for (let i = 0; i < reference.length; i++) sum += (Number(actual[i]) - Number(reference[i])) ** 2;
  return 10 * Math.log10(range ** 2 / (sum / reference.length));
}
