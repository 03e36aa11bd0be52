namespace OpenCharly.Cli.Completion;

/// <summary>
/// A script for each shell that asks the command itself, through its <c>[suggest:POSITION]</c> directive, so that
/// flags and names complete to what there really is.
/// </summary>
internal static class CompletionScripts
{
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish", "pwsh"];

    /// <summary>The script for a shell; null for an unknown one.</summary>
    public static string? Of(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        "pwsh" => Pwsh,
        _ => null,
    };

    // bash takes ":" for the end of a word, so what stands before the last one must not come back.
    private const string Bash = """
        # Completion of charly for bash. In ~/.bashrc:  source <(charly completion bash)
        _charly_complete() {
            local line=${COMP_LINE:0:COMP_POINT} words word candidate
            word=${line##*[[:space:]]}
            local before=
            [[ $word == *:* && $COMP_WORDBREAKS == *:* ]] && before=${word%"${word##*:}"}
            COMPREPLY=()
            while IFS= read -r candidate || [[ -n $candidate ]]; do
                [[ $candidate == "$word"* ]] && COMPREPLY+=("${candidate#"$before"}")
            done < <("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o default -F _charly_complete charly

        """;

    private const string Zsh = """
        #compdef charly
        # Completion of charly for zsh. In ~/.zshrc:  source <(charly completion zsh)
        _charly() {
            local line="${(j: :)words[1,CURRENT]}"
            local -a candidates
            candidates=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -- "${candidates[@]:#}"
        }
        compdef _charly charly

        """;

    private const string Fish = """
        # Completion of charly for fish. In ~/.config/fish/completions/charly.fish:  charly completion fish | source
        function __charly_complete
            set -l line (commandline -cp)
            charly "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c charly -f -a '(__charly_complete)'

        """;

    private const string Pwsh = """
        # Completion of charly for PowerShell. In $PROFILE:  charly completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName charly -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $length = $cursorPosition - $commandAst.Extent.StartOffset
            $line = $commandAst.ToString().PadRight($length).Substring(0, $length)
            & charly "[suggest:$length]" $line 2>$null |
                Where-Object { $_ -like "$wordToComplete*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }

        """;
}
