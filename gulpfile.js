const { Transform } = require('node:stream');
const { dest, series, src } = require('gulp');

/** Copies what tsc leaves behind: icons (binary-safe) and codex files, each beside its node or credential. */
function assets() {
	return src(['nodes/**/*.svg', 'nodes/**/*.node.json'], {
		base: '.',
		encoding: false,
	}).pipe(dest('dist'));
}

/** Indents with tabs, as the sources do: tsc knows only four blanks, a tenth of what users would load. */
function indentation() {
	const toTabs = new Transform({
		objectMode: true,
		transform(file, _encoding, done) {
			const text = file.contents.toString();
			file.contents = Buffer.from(text.replace(/^(?: {4})+/gm, (blanks) => '\t'.repeat(blanks.length / 4)));
			done(null, file);
		},
	});
	return src('dist/**/*.js').pipe(toTabs).pipe(dest('dist'));
}

exports.assets = assets;
exports.default = series(assets, indentation);
