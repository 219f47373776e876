import type { Reply, Request } from './web';

type Value = string | number | boolean;

/**
 * One sheet of a spreadsheet, as Google's API for values reads and writes it. As large as a new one, 1,000 rows and 26
 * columns: what is written outside is refused, but for rows that are appended.
 */
export class Sheet {
	/** Without the empty rows at the end. */
	readonly rows: Value[][] = [];
	private grid = { rowCount: 1000, columnCount: 26 };

	/**
	 * @param title The name of the sheet in its spreadsheet.
	 * @param onWrite Called after each change.
	 */
	constructor(
		private readonly title: string,
		private readonly onWrite: () => void = () => {},
	) {}

	/** The rows below the header, each by the names of the header. */
	records(): Array<Record<string, Value>> {
		const [header = [], ...rows] = this.rows;
		return rows.map((row) =>
			Object.fromEntries(header.map((name, index) => [String(name), row[index] ?? ''])),
		);
	}

	answer({ method, url: { pathname, searchParams }, body }: Request): Reply {
		const [, path = ''] = /^\/v4\/spreadsheets\/[\w-]+(.*)$/.exec(pathname) ?? [];
		const range = decodeURIComponent(path.replace(/^\/values\//, ''));
		const { values, data } = (body ?? {}) as {
			values?: Value[][];
			data?: Array<{ range: string; values: Value[][] }>;
		};
		try {
			if (method === 'GET' && path === '') {
				const properties = { sheetId: 0, title: this.title, gridProperties: this.grid };
				return { json: { sheets: [{ properties }] } };
			}
			if (method === 'GET') return { json: { values: this.shown(searchParams.get('valueRenderOption')) } };
			if (method === 'PUT') this.write(range, values ?? []);
			else if (path === '/values:batchUpdate')
				for (const one of data ?? []) this.write(one.range, one.values);
			else if (range.endsWith(':append')) this.append(values ?? []);
			else throw new Error(`The stand-in does not know ${method} ${path}`);
			this.onWrite();
			return { json: {} };
		} catch (error) {
			const { message } = error as Error;
			return { status: 400, json: { error: { code: 400, message, status: 'INVALID_ARGUMENT' } } };
		}
	}

	/** The whole sheet; formatted, all values are texts. */
	private shown(form: string | null): Value[][] {
		return form === 'FORMATTED_VALUE' ? this.rows.map((row) => row.map(String)) : this.rows;
	}

	/** Writes below the last row, with as many new rows as it takes. */
	private append(values: Value[][]): void {
		const first = this.rows.length + 1;
		this.grid.rowCount = Math.max(this.grid.rowCount, this.rows.length + values.length);
		this.write(`${this.title}!${first}:${first + values.length - 1}`, values);
	}

	/** Writes into `Title!2:5` (whole rows), `Title!B7` or `Title!B7:B9`. */
	private write(range: string, values: Value[][]): void {
		const [, title, column = 'A', row] = /^'?([^'!]+)'?!([A-Z]*)(\d+)/.exec(range) ?? [];
		if (title !== this.title) throw new Error(`Unable to parse range: ${range}`);
		const left = [...(column || 'A')].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
		const top = Number(row) - 1;
		const { rowCount, columnCount } = this.grid;
		const width = Math.max(...values.map(({ length }) => length));
		if (top + values.length > rowCount || left + width > columnCount) {
			throw new Error(
				`Range (${range}) exceeds grid limits. Max rows: ${rowCount}, max columns: ${columnCount}`,
			);
		}
		values.forEach((cells, down) => {
			while (this.rows.length <= top + down) this.rows.push([]);
			const target = this.rows[top + down];
			cells.forEach((cell, right) => {
				// What is null is left as it is.
				if (cell === null) return;
				while (target.length < left + right) target.push('');
				target[left + right] = cell;
			});
		});
	}
}
