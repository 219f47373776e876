const { transformSync } = require('esbuild');

/**
 * Takes the types out of a TypeScript file, as the build of the package does. Only `tsc` looks at them.
 */
module.exports = {
	process(source, path, { transformerConfig }) {
		const options = {
			loader: 'ts',
			format: 'cjs',
			supported: { 'dynamic-import': false },
			sourcemap: true,
			sourcefile: path,
		};
		return transformSync(source, { ...options, ...transformerConfig });
	},
};
