using OpenCharly.Cli.Commands;

namespace OpenCharly.Tests.Cli;

public sealed class ConfigCommandTests
{
    [Theory]
    [InlineData("config notes -p 1:2", "config setup notes -p 1:2")]
    [InlineData("-C /srv/project config notes", "-C /srv/project config setup notes")]
    [InlineData("--verbose --format json config notes", "--verbose --format json config setup notes")]
    [InlineData("--format=json config notes", "--format=json config setup notes")]
    [InlineData("config setup notes", "config setup notes")]
    [InlineData("config mount notes", "config mount notes")]
    [InlineData("config --list-sidecars", "config templates")]
    [InlineData("start config", "start config")]
    [InlineData("-C", "-C")]
    public void A_word_that_is_no_verb_is_a_pod_to_set_up_whatever_stands_before_config(string given, string meant) =>
        Assert.Equal(meant.Split(' '), ConfigCommand.Complete(given.Split(' ')));
}
