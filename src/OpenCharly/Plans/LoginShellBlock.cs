namespace OpenCharly.Plans;

/// <summary>
/// The one block in a start-up file of the login shell that reads all env.d files (candy-and-plan.md §6.5). It is
/// written after all candies if any env.d file exists, and stripped with the last of them.
/// </summary>
/// <param name="Path">The start-up file.</param>
/// <param name="Body">The lines between the markers.</param>
public sealed record LoginShellBlock(string Path, string Body)
{
    private const string Posix =
        "for charly_env in \"$HOME\"/.config/opencharly/env.d/*.env; do if [ -r \"$charly_env\" ]; then . \"$charly_env\"; fi; done; unset charly_env";

    /// <summary>The block for a login shell as a plan names it.</summary>
    /// <param name="shell"><c>bash</c>, <c>zsh</c>, <c>fish</c>; <c>sh</c> where bash is absent.</param>
    /// <param name="home">Home folder on the target.</param>
    public static LoginShellBlock For(string shell, string home)
    {
        var root = home.TrimEnd('/');
        return shell switch
        {
            // (N): zsh takes a pattern without match for an error, fish and POSIX shells don't.
            "zsh" => new($"{root}/.zshenv", Posix.Replace("*.env", "*.env(N)", StringComparison.Ordinal)),
            "fish" => new(
                $"{root}/.config/fish/conf.d/opencharly.fish",
                "for charly_env in $HOME/.config/opencharly/env.d/*.env\n    test -r $charly_env; and source $charly_env\nend"),
            "sh" => new($"{root}/.profile", Posix),
            _ => new($"{root}/.bashrc", Posix),
        };
    }

    /// <summary>A script that writes the block; runs as the user.</summary>
    public string RenderWrite() => ManagedBlock.Global.RenderWrite(Path, Body);

    /// <summary>A script that strips the block; runs as the user.</summary>
    /// <param name="deleteIfEmpty">Delete the file if nothing else is left in it.</param>
    public string RenderRemove(bool deleteIfEmpty) => ManagedBlock.Global.RenderRemove(Path, deleteIfEmpty);

    /// <summary>The login shell that counts: an unknown one as bash, and <c>sh</c> only where there is no bash.</summary>
    internal static string ShellOf(TargetFacts facts) =>
        facts.LoginShell is "zsh" or "fish" ? facts.LoginShell : facts.Shells.Contains("bash") ? "bash" : "sh";
}
