using OpenCharly.Execution;
using OpenCharly.Tests.Vms;

namespace OpenCharly.Tests.Execution;

/// <summary>An sshd that is just being started anew turns callers away.</summary>
public sealed class SshPatienceTests
{
    private const string TurnedAway = "kex_exchange_identification: Connection closed by remote host\nConnection closed by 127.0.0.1 port 40022\n";

    [Fact]
    public async Task Who_is_turned_away_asks_again()
    {
        var asked = 0;
        var result = await RunAsync(_ => ++asked < 3 ? Ended(255, TurnedAway) : Ended(0, ""));
        Assert.Equal((3, 0), (asked, result.ExitCode));
    }

    [Theory]
    [InlineData(255, "Connection closed by 127.0.0.1 port 40022\n")]
    [InlineData(255, "Host key verification failed.\n")]
    [InlineData(255, "tester@127.0.0.1: Permission denied (publickey).\n")]
    [InlineData(1, TurnedAway)]
    public async Task What_may_have_run_or_will_not_change_is_not_asked_again(int code, string said)
    {
        var asked = 0;
        var result = await RunAsync(_ =>
        {
            asked++;
            return Ended(code, said);
        });
        Assert.Equal((1, code), (asked, result.ExitCode));
    }

    private static Task<CommandResult> RunAsync(Func<ProcessRequest, CommandResult> play) =>
        SshPatience.RunAsync(new PlayedPrograms(play), TimeProvider.System, new ProcessRequest("ssh", "web", "true"), CancellationToken.None);

    private static CommandResult Ended(int code, string said) => new("", said, code, TimeSpan.Zero);
}
