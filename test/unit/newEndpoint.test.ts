import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { load } from 'js-yaml';
import { createSourceFile, isImportDeclaration, ScriptTarget, transpileModule } from 'typescript';

import { scaffold } from '../../sandbox/newEndpoint';

interface Document {
	paths: Record<string, Record<string, { operationId: string }>>;
	components: { schemas: Record<string, unknown> };
}

const read = (path: string): string | undefined => {
	try {
		return readFileSync(join(__dirname, '../..', path), 'utf8');
	} catch {
		return undefined;
	}
};
const CONTRACT = 'sandbox/contract/spirii.openapi.yaml';

test.each([
	['GET', '/v2/tokens', 'token', 'listTokens'],
	['POST', '/v2/vouchers', 'voucher', 'createVoucher'],
])('%s %s gets a resource file that parses, and a contract that holds together', (method, path, name, id) => {
	const { files, next } = scaffold('spirii', method, path, read);
	const resource = files[`nodes/Spirii/resources/${name}.ts`];
	const { diagnostics } = transpileModule(resource, { reportDiagnostics: true });
	expect(diagnostics).toEqual([]);
	expect(resource).not.toContain('[,');
	expect(resource).toContain(`path: '${path}'`);
	const { statements } = createSourceFile('resource.ts', resource, ScriptTarget.ES2022);
	const modules = statements.filter(isImportDeclaration).map(({ moduleSpecifier }) => moduleSpecifier);
	for (const module of modules) {
		const { text } = module as unknown as { text: string };
		if (text.startsWith('.')) expect(read(join(`nodes/Spirii/resources`, `${text}.ts`))).toBeDefined();
	}
	expect(next).toHaveLength(3);

	const [before, after] = [load(read(CONTRACT)!), load(files[CONTRACT])] as Document[];
	expect(after.paths[path][method.toLowerCase()].operationId).toBe(id);
	expect(Object.keys(after.paths)).toEqual([...Object.keys(before.paths), path]);
	const named = [...JSON.stringify(after).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
		([, schema]) => schema,
	);
	for (const schema of named) expect(after.components.schemas).toHaveProperty(schema);
});

test('an endpoint of a resource that exists is added to the contract, and its text is shown to be put in', () => {
	const { files, addition } = scaffold('spirii', 'POST', '/v2/locations', read);
	expect(Object.keys(files)).toEqual([CONTRACT]);
	expect(addition).toContain("path: '/v2/locations'");
	const { paths } = load(files[CONTRACT]) as Document;
	expect(Object.keys(paths['/v2/locations']).sort()).toEqual(['get', 'post']);
});

test.each([
	['spirii', 'GET', '/v2/locations', 'is in the contract already'],
	['spirii', 'GET', '/v2/nothing', 'is not known'],
	['third', 'GET', '/v2/locations', 'The vendor must be one of spirii, voltTime'],
])('%s %s %s is refused', (vendor, method, path, words) => {
	expect(() => scaffold(vendor, method, path, read)).toThrow(words);
});
