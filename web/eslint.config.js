import tseslint from "typescript-eslint";
import hooks from "eslint-plugin-react-hooks";

export default tseslint.config({ ignores: ["dist", "node_modules"] }, ...tseslint.configs.recommended, {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
        "react-hooks/rules-of-hooks": "error",
        "react-hooks/exhaustive-deps": "error",
        // What comes out of the service is text, never markup.
        "no-restricted-syntax": [
            "error",
            {
                selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
                message: "Text from data is never markup.",
            },
        ],
    },
});
