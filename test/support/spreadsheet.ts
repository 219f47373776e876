import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Says that there is no LibreOffice, and the command that installs it; undefined when it is there. */
export function missingSpreadsheet(): string | undefined {
	const folders = String(process.env.PATH).split(delimiter);
	if (folders.some((folder) => existsSync(join(folder, 'soffice')))) return undefined;
	return 'Not installed: LibreOffice. On Debian or Ubuntu: apt-get install --no-install-recommends libreoffice-calc-nogui';
}

/** What a spreadsheet makes of a CSV file. */
export interface Sheet {
	/** Formulas, as LibreOffice writes them: `of:=1+1`. */
	formulas: string[];
	/** The texts of all cells. */
	texts: string[];
}

/**
 * Opens CSV files in LibreOffice: all of them in one start, which takes some seconds.
 *
 * @param files Text by the name of the file.
 * @param separator The one that the person chose, or the country's.
 */
export function openInSpreadsheet(
	files: Record<string, string>,
	separator: ',' | ';',
): Record<string, Sheet> {
	const folder = mkdtempSync(join(tmpdir(), 'ev-charging-sheets-'));
	try {
		const names = Object.keys(files);
		for (const name of names) writeFileSync(join(folder, `${name}.csv`), files[name]);
		// Separator, quote, UTF-8, first line; the language's own numbers; formulas are run.
		const language = separator === ',' ? 1033 : 1031;
		const reading = `${separator.charCodeAt(0)},34,76,1,,${language},false,true,false,false,false,0,true`;
		execFileSync(
			'soffice',
			[
				`-env:UserInstallation=${pathToFileURL(join(folder, 'profile')).href}`,
				...['--headless', '--norestore', `--infilter=CSV:${reading}`],
				...['--convert-to', 'fods', '--outdir', folder],
				...names.map((name) => join(folder, `${name}.csv`)),
			],
			{ stdio: 'ignore', timeout: 120_000 },
		);
		return Object.fromEntries(
			names.map((name) => {
				const sheet = readFileSync(join(folder, `${name}.fods`), 'utf8');
				return [
					name,
					{ formulas: found(sheet, /table:formula="([^"]*)"/g), texts: found(sheet, /<text:p>([^<]*)/g) },
				];
			}),
		);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, part]) => part);
