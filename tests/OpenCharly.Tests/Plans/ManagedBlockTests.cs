using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

public sealed class ManagedBlockTests : IDisposable
{
    private const string Begin = "# opencharly:begin weather (managed by charly; do not edit inside this block)";
    private const string End = "# opencharly:end weather";

    private readonly BashRun _bash = new();
    private readonly ManagedBlock _block = ManagedBlock.Of("weather");

    [Fact]
    public void A_new_file_holds_just_the_block()
    {
        Write(_bash["new/rc"], "echo hi\n");
        Assert.Equal($"{Begin}\necho hi\n{End}\n", File.ReadAllText(_bash["new/rc"]));
    }

    [Theory]
    [InlineData("one\n", "one\n\n")]
    [InlineData("no newline", "no newline\n\n")]
    [InlineData("two\n\n", "two\n\n\n")]
    [InlineData("back\\slash $HOME `x` 'q'\n", "back\\slash $HOME `x` 'q'\n\n")]
    public void A_block_is_appended_after_one_blank_line(string before, string head)
    {
        File.WriteAllText(_bash["rc"], before);
        Write(_bash["rc"], "text");
        Assert.Equal($"{head}{Begin}\ntext\n{End}\n", File.ReadAllText(_bash["rc"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\n")]
    [InlineData("a\n\n")]
    [InlineData("\ta  b\n\nc\r\n")]
    public void Removing_what_was_written_restores_the_file(string before)
    {
        File.WriteAllText(_bash["rc"], before);
        Write(_bash["rc"], "text\nmore");
        Assert.Contains("more", File.ReadAllText(_bash["rc"]), StringComparison.Ordinal);
        Remove(_bash["rc"]);
        Assert.Equal(before, File.ReadAllText(_bash["rc"]));
    }

    [Fact]
    public void A_block_is_replaced_where_it_stands_even_if_its_markers_are_indented()
    {
        File.WriteAllText(_bash["rc"], $"a\n  {Begin}\nold\n\t{End}  \nb\n");
        Write(_bash["rc"], "new");
        Assert.Equal($"a\n{Begin}\nnew\n{End}\nb\n", File.ReadAllText(_bash["rc"]));
    }

    [Fact]
    public void Blocks_of_others_stay()
    {
        var other = ManagedBlock.Of("weather-two");
        File.WriteAllText(_bash["rc"], $"{other.Begin}\nx\n{other.End}\n");
        Write(_bash["rc"], "mine");
        Remove(_bash["rc"]);
        Assert.Equal($"{other.Begin}\nx\n{other.End}\n", File.ReadAllText(_bash["rc"]));
    }

    [Theory]
    [InlineData($"a\n{Begin}\nrest\n")]
    [InlineData($"a\n{End}\nrest\n")]
    [InlineData($"{Begin}\n{Begin}\n{End}\n")]
    [InlineData("# overthink:begin\nrest\n")]
    public void A_marker_without_partner_is_an_error_and_the_file_stays(string before)
    {
        File.WriteAllText(_bash["rc"], before);
        foreach (var script in new[] { _block.RenderWrite(_bash["rc"], "x"), _block.RenderRemove(_bash["rc"]) })
        {
            var result = _bash.Run(script);
            Assert.NotEqual(0, result.ExitCode);
            Assert.Contains("has no partner", result.Error, StringComparison.Ordinal);
            Assert.Equal(before, File.ReadAllText(_bash["rc"]));
        }
    }

    [Fact]
    public void The_block_of_the_predecessor_goes()
    {
        File.WriteAllText(_bash["rc"], "a\n\n# overthink:begin (managed by ov)\nold\n# overthink:end\nb\n");
        Write(_bash["rc"], "x");
        Assert.Equal($"a\nb\n\n{Begin}\nx\n{End}\n", File.ReadAllText(_bash["rc"]));
    }

    [Fact]
    public void Mode_and_symbolic_link_are_kept()
    {
        File.WriteAllText(_bash["real"], "a\n");
        File.SetUnixFileMode(_bash["real"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(_bash["rc"], _bash["real"]);
        Write(_bash["rc"], "x");
        Assert.Equal(_bash["real"], new FileInfo(_bash["rc"]).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_bash["real"]));
        Assert.Contains("\nx\n", File.ReadAllText(_bash["real"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_the_same_again_does_not_touch_the_file()
    {
        Write(_bash["rc"], "x");
        File.SetLastWriteTimeUtc(_bash["rc"], DateTime.UnixEpoch);
        Write(_bash["rc"], "x\n");
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(_bash["rc"]));
    }

    [Fact]
    public void A_file_that_only_held_the_block_is_deleted_on_request()
    {
        Write(_bash["rc"], "x");
        Assert.Equal(0, _bash.Run(_block.RenderRemove(_bash["rc"], deleteIfEmpty: true)).ExitCode);
        Assert.False(File.Exists(_bash["rc"]));
    }

    [Fact]
    public void A_missing_file_has_no_block_to_remove()
    {
        Remove(_bash["none"]);
        Assert.False(File.Exists(_bash["none"]));
    }

    [Theory]
    [InlineData("$(touch pwned) `touch pwned`")]
    [InlineData("it's \"quoted\" \\ %s \\n")]
    [InlineData("EOF\n)\n} ; exit 0")]
    public void Text_is_written_as_it_is(string text)
    {
        Write(_bash["rc"], text);
        Assert.Equal($"{Begin}\n{text}\n{End}\n", File.ReadAllText(_bash["rc"]));
    }

    [Theory]
    [InlineData("bash", ".bashrc")]
    [InlineData("zsh", ".zshenv")]
    [InlineData("fish", ".config/fish/conf.d/opencharly.fish")]
    [InlineData("sh", ".profile")]
    public void The_login_shell_reads_every_env_file(string shell, string file) =>
        Assert.Equal($"/home/ada/{file}", LoginShellBlock.For(shell, "/home/ada").Path);

    [Fact]
    public void A_bash_start_up_file_with_the_global_block_sets_what_the_env_files_say()
    {
        var block = LoginShellBlock.For("bash", _bash.Root);
        Assert.Equal(0, _bash.Run(block.RenderWrite()).ExitCode);
        var read = $"HOME={_bash.Root}; . {block.Path}; echo \"$GREETING|$PATH\"";
        Assert.StartsWith("|", _bash.Run(read).Output, StringComparison.Ordinal);
        Directory.CreateDirectory(EnvFile.FolderOf(_bash.Root));
        File.WriteAllText(
            EnvFile.PathOf(_bash.Root, "weather"),
            EnvFile.Text("weather", new Dictionary<string, string> { ["GREETING"] = "it's $5" }, ["/opt/a", "/opt/$b"]));
        Assert.StartsWith("it's $5|/opt/a:/opt/$b:", _bash.Run(read).Output, StringComparison.Ordinal);
        Assert.Equal(0, _bash.Run(block.RenderRemove(deleteIfEmpty: true)).ExitCode);
        Assert.False(File.Exists(block.Path));
    }

    public void Dispose() => _bash.Dispose();

    private void Write(string path, string text)
    {
        var result = _bash.Run(_block.RenderWrite(path, text));
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private void Remove(string path)
    {
        var result = _bash.Run(_block.RenderRemove(path));
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
