using System.ComponentModel;
using System.Management.Automation;

namespace OpenCharly.PowerShell.Views;

/// <summary>
/// What OpenCharly.Format.ps1xml calls for cells that are more than a property. Public, because views can call nothing
/// else; not meant for scripts. Takes objects as they come: those of the engine, and what a file or another process gave
/// back of them.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Format
{
    public static object? Address(PSObject? value) => CellCall.Of(nameof(Address), value);

    public static object? Artifacts(PSObject? value) => CellCall.Of(nameof(Artifacts), value);

    public static object? Basis(PSObject? value) => CellCall.Of(nameof(Basis), value);

    public static object? Builder(PSObject? value) => CellCall.Of(nameof(Builder), value);

    public static object? Candies(PSObject? value) => CellCall.Of(nameof(Candies), value);

    public static object? Change(PSObject? value) => CellCall.Of(nameof(Change), value);

    public static object? CloudInit(PSObject? value) => CellCall.Of(nameof(CloudInit), value);

    public static object? Code(PSObject? value) => CellCall.Of(nameof(Code), value);

    public static object? Counts(PSObject? value) => CellCall.Of(nameof(Counts), value);

    public static object? Deploys(PSObject? value) => CellCall.Of(nameof(Deploys), value);

    public static object? Detail(PSObject? value) => CellCall.Of(nameof(Detail), value);

    public static object? Details(PSObject? value) => CellCall.Of(nameof(Details), value);

    public static object? Disk(PSObject? value) => CellCall.Of(nameof(Disk), value);

    public static object? Endpoint(PSObject? value) => CellCall.Of(nameof(Endpoint), value);

    public static object? Exit(PSObject? value) => CellCall.Of(nameof(Exit), value);

    public static object? Failure(PSObject? value) => CellCall.Of(nameof(Failure), value);

    public static object? FileNames(PSObject? value) => CellCall.Of(nameof(FileNames), value);

    public static object? Forwards(PSObject? value) => CellCall.Of(nameof(Forwards), value);

    public static object? Gate(PSObject? value) => CellCall.Of(nameof(Gate), value);

    public static object? Gates(PSObject? value) => CellCall.Of(nameof(Gates), value);

    public static object? HostPorts(PSObject? value) => CellCall.Of(nameof(HostPorts), value);

    public static object? Image(PSObject? value) => CellCall.Of(nameof(Image), value);

    public static object? Kind(PSObject? value) => CellCall.Of(nameof(Kind), value);

    public static object? Lines(PSObject? value) => CellCall.Of(nameof(Lines), value);

    public static object? Map(PSObject? value) => CellCall.Of(nameof(Map), value);

    public static object? Members(PSObject? value) => CellCall.Of(nameof(Members), value);

    public static object? Memory(PSObject? value) => CellCall.Of(nameof(Memory), value);

    public static object? Network(PSObject? value) => CellCall.Of(nameof(Network), value);

    public static object? Outcome(PSObject? value) => CellCall.Of(nameof(Outcome), value);

    public static object? Output(PSObject? value) => CellCall.Of(nameof(Output), value);

    public static object? Place(PSObject? value) => CellCall.Of(nameof(Place), value);

    public static object? Plan(PSObject? value) => CellCall.Of(nameof(Plan), value);

    public static object? Provisions(PSObject? value) => CellCall.Of(nameof(Provisions), value);

    public static object? PublishedPorts(PSObject? value) => CellCall.Of(nameof(PublishedPorts), value);

    public static object? Revisions(PSObject? value) => CellCall.Of(nameof(Revisions), value);

    public static object? Runs(PSObject? value) => CellCall.Of(nameof(Runs), value);

    public static object? Secrets(PSObject? value) => CellCall.Of(nameof(Secrets), value);

    public static object? Severity(PSObject? value) => CellCall.Of(nameof(Severity), value);

    public static object? Size(PSObject? value) => CellCall.Of(nameof(Size), value);

    public static object? Skips(PSObject? value) => CellCall.Of(nameof(Skips), value);

    public static object? Snapshots(PSObject? value) => CellCall.Of(nameof(Snapshots), value);

    public static object? State(PSObject? value) => CellCall.Of(nameof(State), value);

    public static object? Status(PSObject? value) => CellCall.Of(nameof(Status), value);

    public static object? StepCount(PSObject? value) => CellCall.Of(nameof(StepCount), value);

    public static object? Steps(PSObject? value) => CellCall.Of(nameof(Steps), value);

    public static object? Summary(PSObject? value) => CellCall.Of(nameof(Summary), value);

    public static object? Texts(PSObject? value) => CellCall.Of(nameof(Texts), value);

    public static object? Took(PSObject? value) => CellCall.Of(nameof(Took), value);

    public static object? Trimmed(PSObject? value) => CellCall.Of(nameof(Trimmed), value);

    public static object? Undo(PSObject? value) => CellCall.Of(nameof(Undo), value);

    public static object? Unfinished(PSObject? value) => CellCall.Of(nameof(Unfinished), value);

    public static object? Verdict(PSObject? value) => CellCall.Of(nameof(Verdict), value);

    public static object? When(PSObject? value) => CellCall.Of(nameof(When), value);

    public static object? Words(PSObject? value) => CellCall.Of(nameof(Words), value);
}
