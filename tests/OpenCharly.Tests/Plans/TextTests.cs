using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

/// <summary>The small texts: home token, env.d files, words about the target.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("~", "/home/ada")]
    [InlineData("~/x", "/home/ada/x")]
    [InlineData("a~/x", "a~/x")]
    [InlineData("~bob/x", "~bob/x")]
    [InlineData("$HOME/x:${HOME}/y", "/home/ada/x:/home/ada/y")]
    [InlineData("$HOMEX ${HOMEX} $HOME_X $HOME-x", "$HOMEX ${HOMEX} $HOME_X /home/ada-x")]
    [InlineData("${HOME", "${HOME")]
    public void The_home_folder_is_resolved_wherever_it_is_spelled(string text, string expected)
    {
        Assert.Equal(expected, HomeToken.Expand(text, "/home/ada"));
        Assert.DoesNotContain("/home/ada", HomeToken.Tokenize(text), StringComparison.Ordinal);
        Assert.Equal(expected, HomeToken.Resolve(HomeToken.Resolve(HomeToken.Tokenize(text), "/home/ada"), "/home/bob"));
    }

    [Fact]
    public void An_env_file_holds_sorted_exports_and_then_the_path()
    {
        var text = EnvFile.Text(
            "weather",
            new Dictionary<string, string> { ["b"] = "plain-1.0/x:y@z,=+%#", ["A"] = "", ["a"] = "it's", ["C"] = "$x", ["D"] = "a!b" },
            ["/a", "/b c"]);
        Assert.Equal(
            "# opencharly env for layer weather — managed by charly; do not edit\n"
            + "export A=''\nexport C='$x'\nexport D='a!b'\nexport a='it'\\''s'\nexport b=plain-1.0/x:y@z,=+%#\n"
            + "export PATH=\"/a:/b c:$PATH\"\n",
            text);
    }

    [Fact]
    public void An_env_file_without_path_entries_leaves_the_path_alone() =>
        Assert.DoesNotContain("PATH", EnvFile.Text("x", new Dictionary<string, string> { ["A"] = "1" }, []), StringComparison.Ordinal);

    [Theory]
    [InlineData("x-${ARCH}.tar", "x-\"${ARCH}\".tar", "x-arm64.tar")]
    [InlineData("$x ${BUILD_ARCH}'", "'$x '\"${BUILD_ARCH}\"''\\'''", "$x aarch64'")]
    [InlineData("${ARCHX}", "'${ARCHX}'", "${ARCHX}")]
    public void The_architecture_is_left_to_the_target(string text, string word, string resolved)
    {
        Assert.Equal(word, TargetText.Quote(text));
        Assert.Equal(resolved, TargetText.Resolve(text, "aarch64"));
    }

    [Theory]
    [InlineData("python /ctx/a.py", true)]
    [InlineData("cd /ctx && ls", true)]
    [InlineData("cp '/ctx/a' /b", true)]
    [InlineData("ls /srv/ctx/a /ctxt /ctx.d ~/ctx", false)]
    public void The_candy_folder_is_only_meant_where_a_path_begins(string body, bool mentions) =>
        Assert.Equal(mentions, CommandBody.MentionsContext(body));
}
