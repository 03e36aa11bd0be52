using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>Compiles the services of a candy for a target that systemd runs (§3.5).</summary>
internal static class ServiceCompiler
{
    public static void Add(PlanBuilder plan, Candy candy)
    {
        var packaged = candy.Services.Where(s => s.PackagedUnit is not null).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var service in candy.Services)
        {
            // Of a pair of one name systemd takes the packaged half, supervisord the custom one.
            if (service.PackagedUnit is null && packaged.Contains(service.Name)) continue;
            InstallStep step = service.PackagedUnit is { } unit ? Packaged(plan, candy, service, unit) : Custom(plan, candy, service);
            if (service.Events is not null) plan.AddSkipped(step, SkipReason.InitSystem, $"service {service.Name}: it listens to events of supervisord, which systemd does not have");
            else if (plan.Facts.HasSystemd) plan.Add(step);
            else plan.AddSkipped(step, SkipReason.InitSystem, $"service {service.Name}: systemd does not run this target");
        }
    }

    private static ServiceCustomStep Custom(PlanBuilder plan, Candy candy, CandyService service)
    {
        var name = CheckUnit(candy, service, $"charly-{candy.Name}-{service.Name}");
        var unit = name + ".service";
        var path = $"{FolderOf(plan, service)}/{unit}";
        var scope = ScopeOf(service);
        var remove = new ReverseOp { Kind = ReverseKinds.ServiceRemove, Targets = [path], Scope = scope };
        return new ServiceCustomStep
        {
            Candy = candy.Name,
            Scope = scope,
            Gate = StepGate.WithServices,
            Name = name,
            UnitText = UnitText.Custom(candy, service, name, plan.Facts),
            UnitPath = path,
            Enable = service.Enable,

            // Undone last first: disabled before its file goes.
            Reverse = [.. Linger(plan, service), .. Output(plan, service), remove, .. service.Enable ? [Disable(unit, scope)] : Array.Empty<ReverseOp>()],
        };
    }

    private static ServicePackagedStep Packaged(PlanBuilder plan, Candy candy, CandyService service, string unit)
    {
        CheckUnit(candy, service, unit);
        var scope = ScopeOf(service);
        var text = UnitText.DropIn(candy, service, plan.Facts);
        var path = text is null ? null : $"{FolderOf(plan, service)}/{unit}.d/charly-{candy.Name}.conf";
        var reverse = new List<ReverseOp>(Linger(plan, service));
        if (service.Enable) reverse.Add(Disable(unit, scope));

        // Undone before that: a unit that ran before is started again without the drop-in. One that is not ours to
        // enable was only restarted, and is restarted again.
        var restart = service.Enable ? new Dictionary<string, string>() : new Dictionary<string, string> { [ReverseExtra.Restart] = unit };
        if (path is not null) reverse.Add(new ReverseOp { Kind = ReverseKinds.RemoveDropIn, Targets = [path], Scope = scope, Extra = restart });
        return new ServicePackagedStep
        {
            Candy = candy.Name,
            Scope = scope,
            Gate = StepGate.WithServices,
            Unit = unit,
            Enable = service.Enable,
            OverridesText = text,
            OverridesPath = path,
            Reverse = reverse,
        };
    }

    private static ReverseOp Disable(string unit, StepScope scope) =>
        new() { Kind = ReverseKinds.ServiceDisable, Targets = [unit], Scope = scope };

    // Nobody but the unit writes it, so it goes when the unit has been stopped.
    private static ReverseOp[] Output(PlanBuilder plan, CandyService service) =>
        service.Enable && UnitText.OutputFile(service, plan.Facts) is { } file && file.StartsWith('/')
            ? [new() { Kind = service.IsUser ? ReverseKinds.RemoveFileUser : ReverseKinds.RemoveFileSystem, Targets = [file], Scope = ScopeOf(service) }]
            : [];

    // Undone last: what runs as the user is stopped before the user's own service manager may go.
    private static ReverseOp[] Linger(PlanBuilder plan, CandyService service) =>
        service.IsUser ? [new() { Kind = ReverseKinds.LingerDisable, Targets = [plan.Facts.User], Scope = StepScope.System }] : [];

    private static StepScope ScopeOf(CandyService service) => service.IsUser ? StepScope.User : StepScope.System;

    private static string FolderOf(PlanBuilder plan, CandyService service) =>
        service.IsUser ? $"{plan.Facts.Home.TrimEnd('/')}/.config/systemd/user" : "/etc/systemd/system";

    private static string CheckUnit(Candy candy, CandyService service, string unit) =>
        Names.IsUnit(unit)
            ? unit
            : throw new CharlyException(
                Errors.ServicePackaged, $"candy {candy.Name}: \"{unit}\" can't name a unit", "Use letters, digits and any of : _ . \\ @ -.", service.Position, candy.Name);
}
