/** Joins the values of one field of several records to one text, for a spreadsheet cell. Null if there is no list. */
export function joined(records: unknown, field: string): string | null {
	if (!Array.isArray(records)) return null;
	const texts = records
		.map((record: unknown) => (record as Record<string, unknown> | null)?.[field])
		.filter((value) => value !== undefined && value !== null);
	return [...new Set(texts.flat().map(String))].join(', ');
}
