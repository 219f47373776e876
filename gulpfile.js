const { dest, src } = require('gulp');

/** Copies what tsc leaves behind: icons (binary-safe) and codex files, each beside its node or credential. */
function assets() {
	return src(['nodes/**/*.svg', 'nodes/**/*.node.json'], {
		base: '.',
		encoding: false,
	}).pipe(dest('dist'));
}

exports.assets = assets;
exports.default = assets;
