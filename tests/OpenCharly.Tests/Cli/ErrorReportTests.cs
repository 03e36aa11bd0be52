using System.Text.Json;
using OpenCharly.Cli;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Cli;

public sealed class ErrorReportTests
{
    private static readonly Palette Plain = new(false);

    public static TheoryData<ErrorKind, int> ExitCodes => new()
    {
        { ErrorKind.Failed, 1 }, { ErrorKind.Usage, 2 }, { ErrorKind.NotFound, 3 }, { ErrorKind.WrongState, 4 },
        { ErrorKind.Unreachable, 5 }, { ErrorKind.Refused, 6 }, { ErrorKind.ChecksFailed, 7 }, { ErrorKind.Interrupted, 130 },
    };

    [Theory]
    [MemberData(nameof(ExitCodes))]
    public void A_kind_of_error_has_an_exit_code(ErrorKind kind, int exitCode) => Assert.Equal(exitCode, ErrorReport.ExitCode(kind));

    [Fact]
    public void Every_kind_has_an_exit_code_that_a_shell_can_see() =>
        Assert.Equal(Enum.GetValues<ErrorKind>().Order(), ExitCodes.Select(row => (ErrorKind)row[0]).Order());

    [Fact]
    public void An_error_is_code_message_position_and_help()
    {
        var error = new CharlyException(Errors.CfgUnknownKey, "unknown key \"tagret\"", "Did you mean \"target\"?", new SourcePosition("charly.yml", 3, 5));
        Assert.Equal(
            """
            error CFG013: unknown key "tagret"
              at charly.yml:3:5
              help: Did you mean "target"?

            """,
            ErrorReport.Text(error, Plain));
    }

    [Fact]
    public void Further_lines_of_a_message_are_indented()
    {
        var error = new CharlyException(Errors.RunStep, "step 3 failed\nE: no such package\n", "Look above.");
        Assert.Equal("error RUN002: step 3 failed\n    E: no such package\n  help: Look above.\n", ErrorReport.Text(error, Plain));
    }

    [Fact]
    public void Each_problem_of_a_file_has_its_own_block()
    {
        var error = new CharlyValidationException(
        [
            new Problem(Errors.TaskVerb, "two verbs", "Keep one.", new SourcePosition("a.yml", 1, 2)),
            new Problem(Errors.CandyPort, "port 0", "Use 1 to 65535.", new SourcePosition("a.yml", 9, 1)),
        ]);
        Assert.Equal(
            """
            error TSK001: two verbs
              at a.yml:1:2
              help: Keep one.
            error CND010: port 0
              at a.yml:9:1
              help: Use 1 to 65535.

            """,
            ErrorReport.Text(error, Plain));
    }

    [Fact]
    public void As_json_an_error_is_one_object_on_one_line()
    {
        var error = new CharlyException(Errors.VmNotFound, "no machine \"wbe\"", "Did you mean \"web\"?", new SourcePosition("f", 1, 2), "wbe");
        var text = ErrorReport.Json(error);
        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        using var json = JsonDocument.Parse(text);
        var body = json.RootElement.GetProperty("error");
        Assert.Equal(["code", "kind", "exit_code", "message", "help", "target", "position"], body.EnumerateObject().Select(p => p.Name));
        Assert.Equal("vm.not_found", body.GetProperty("code").GetString());
        Assert.Equal("not-found", body.GetProperty("kind").GetString());
        Assert.Equal(3, body.GetProperty("exit_code").GetInt32());
        Assert.Equal(2, body.GetProperty("position").GetProperty("column").GetInt32());
    }

    [Fact]
    public void As_json_several_problems_are_a_list()
    {
        var error = new CharlyValidationException([new Problem(Errors.TaskVerb, "a", "b"), new Problem(Errors.CandyPort, "c", "d")]);
        using var json = JsonDocument.Parse(ErrorReport.Json(error));
        var problems = json.RootElement.GetProperty("error").GetProperty("problems");
        Assert.Equal(["TSK001", "CND010"], problems.EnumerateArray().Select(p => p.GetProperty("code").GetString()!));
    }

    [Fact]
    public void An_interruption_exits_130() =>
        Assert.Equal(130, ErrorReport.ExitCode(ErrorReport.Explain(new OperationCanceledException())));

    [Fact]
    public void An_error_of_the_system_keeps_its_text()
    {
        var error = ErrorReport.Explain(new UnauthorizedAccessException("Access to the path '/x' is denied."));
        Assert.Equal("io", error.Code.Id);
        Assert.Contains("/x", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_that_nobody_foresaw_is_called_a_defect() =>
        Assert.Equal("internal", ErrorReport.Explain(new InvalidOperationException("x")).Code.Id);
}
