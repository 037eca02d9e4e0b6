/** Hours of work as people write them: `3.5`, `3,5`. @returns undefined where it is none */
export function readHours(text: string): number | undefined {
  const hours = /^\d{1,3}(?:[.,]\d{1,2})?$/.test(text.trim()) ? Number(text.trim().replace(',', '.')) : 0;
  return hours === 0 ? undefined : hours;
}
