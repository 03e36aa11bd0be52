using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell;

/// <summary>Hands the user's terminal to a program.</summary>
internal static class Terminal
{
    // PowerShell leaves a program's streams on the terminal only where the output goes straight to Out-Default.
    private const string Script = "param([string] $Program, [string[]] $Arguments) & $Program @Arguments | Out-Default";

    /// <summary>Runs a program on the terminal, as if the user had typed it: it sets <c>$LASTEXITCODE</c>.</summary>
    public static void Run(CommandInvocationIntrinsics invoke, InteractiveCommand command) =>
        invoke.InvokeScript(useLocalScope: true, ScriptBlock.Create(Script), input: null, command.Program, command.Arguments.ToArray());
}
