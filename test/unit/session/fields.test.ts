import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fieldsDocument } from '../../../docs/fields';
import { COLUMNS } from '../../../nodes/shared/session/columns';

test('the page on columns says what the nodes do: `npm run docs` has been run', () => {
	const page = readFileSync(join(__dirname, '../../../docs/fields.md'), 'utf8');
	expect(page).toBe(fieldsDocument());
	for (const { name } of COLUMNS) expect(page).toContain(`\n| \`${name}\` |`);
});
